/** Waits until the condition holds; fails with the condition's text if it does not hold in time. */
export async function eventually(condition: () => boolean | Promise<boolean>, msMax = 60_000): Promise<void> {
  const deadline = performance.now() + msMax;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${msMax} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
