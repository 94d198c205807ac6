import { describe, expect, it } from 'vitest';
import { upfHeader } from '../../../src/formats/espresso/upf-header.ts';

const VERSION_2 = `<UPF version="2.0.1">
<PP_INFO>Pseudopotential type: NC</PP_INFO>
<PP_HEADER
number_of_wfc="2"
functional=" SLA  PZ   NOGX NOGC"
element="Si"
pseudo_type="NC"
/>`;
const VERSION_1 = `<PP_HEADER>
   0                   Version Number
  Ti                   Element
   US                  Ultrasoft pseudopotential
    T                  Nonlinear Core Correction
 SLA  PW   PBE  PBE     PBE  Exchange-Correlation functional
</PP_HEADER>`;

describe('upfHeader', () => {
  it('reads version 2', () => {
    expect(upfHeader(VERSION_2)).toEqual({ element: 'Si', functional: 'LDA', isAugmented: false });
    const quoted = `<PP_HEADER generated='by "atomic"' element="Au" pseudo_type="USPP" functional="LDA     " />`;
    expect(upfHeader(quoted)).toEqual({ element: 'Au', functional: 'LDA', isAugmented: true });
  });

  it('reads version 1', () => {
    expect(upfHeader(VERSION_1)).toEqual({ element: 'Ti', functional: 'PBE', isAugmented: true });
  });

  it.each([
    ['', 'no pseudopotential in UPF'],
    ['<PP_HEADER element="Xx" functional="PBE"/>', 'names the element "Xx"'],
    ['<PP_HEADER element="Si"/>', 'names no functional'],
  ])('refuses %j', (text, reason) => {
    expect(() => upfHeader(text)).toThrow(reason);
  });
});
