export async function writeReport(_directory: string, _options: { output: string }): Promise<void> {}
