const SECRETS = new Set(['password', 'nkeyseed', 'key', 'sasl']);
const CENSORED = '[secret]';
/** Deeper than any settings. It also ends a cycle. */
const DEPTH_MAX = 6;

/** Returns a copy without secrets: fields with the name of a secret, at any depth, and user and password in a URL. */
export function withoutSecrets(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.replace(/(?<=\w:\/\/)[^\s/?#]*@/g, `${CENSORED}@`);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Error) return withoutSecrets(value.message);
  if (depth === DEPTH_MAX) return '[deeper]';
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      SECRETS.has(name.toLowerCase()) ? CENSORED : withoutSecrets(inner, depth + 1),
    ]),
  );
}
