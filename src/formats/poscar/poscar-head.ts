const LINE_CHARACTERS_MAX = 256;

/** True if line 2 begins with a number (the scale factor) and lines 3 to 5 with three numbers each. */
export function poscarHead(head: string): boolean {
  const lines = head.split('\n', 5).map((line) => line.trim().slice(0, LINE_CHARACTERS_MAX).split(/\s+/));
  const countNumbers = (words: readonly string[] | undefined) => words?.slice(0, 3).filter(isNumber).length ?? 0;
  return countNumbers(lines[1]) > 0 && [2, 3, 4].every((i) => countNumbers(lines[i]) === 3);
}

function isNumber(word: string): boolean {
  return /^[+-.\d]/.test(word) && Number.isFinite(Number(word.replace(/d/i, 'e')));
}
