import { describe, expect, it } from 'vitest';
import { coordinate, html } from '../../src/report/markup.ts';

describe('html', () => {
  it('escapes text in elements and attributes, and lets markup pass', () => {
    const hostile = `<script>alert("1" & '2')</script>`;
    const escaped = '&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;';
    expect(html`<p title="${hostile}">${[hostile, html`<b>${1.5}</b>`]}</p>`.markup).toBe(
      `<p title="${escaped}">${escaped}<b>1.5</b></p>`,
    );
  });

  it('leaves out what is undefined', () => {
    expect(html`<p>${undefined}${[]}</p>`.markup).toBe('<p></p>');
  });

  it('refuses numbers that are not finite', () => {
    expect(() => html`<path d="M${Number.NaN} 0"/>`).toThrow(RangeError);
    expect(() => coordinate(Number.POSITIVE_INFINITY)).toThrow('Infinity');
  });

  it.each([
    [1 / 3, '0.33'],
    [-0.001, '0'],
    [120, '120'],
    [1e6, '1000000'],
  ])('writes the coordinate %d as %s', (value, text) => expect(coordinate(value)).toBe(text));
});
