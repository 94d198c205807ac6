import { expect, it } from 'vitest';
import { checkValues } from '../../src/model/label.ts';
import { parseMaterialId } from '../../src/model/material-id.ts';
import { REJECTION_CODES } from '../../src/model/rejection.ts';
import type { MaterialSource, SourceEnd, SourceItem } from '../../src/ports/material-source.ts';
import { collected } from '../support/events.ts';

/**
 * The contract of every MaterialSource.
 * @param open opens the same content each time. It contains a material with a label, one without, a bad label, a
 *   structure that is rejected and an id that occurs twice; all items after these are valid
 */
export function materialSourceContract(open: () => Promise<MaterialSource>): void {
  const items = async () => collected((await open()).read());
  const materials = (all: readonly SourceItem[]) => all.flatMap((item) => (item.kind === 'material' ? [item] : []));
  const rejections = (all: readonly SourceItem[]) =>
    all.flatMap((item) => (item.kind === 'rejection' ? [item.rejection] : []));

  it('has an id that names the content, so it is the same whenever the same is opened', async () => {
    const { id } = await open();
    expect(id).toMatch(/^.+@.+$/);
    expect((await open()).id).toBe(id);
  });

  it('names the same content at its end, however often it is read', async () => {
    const source = await open();
    const ends = [await endOf(source), await endOf(source), await endOf(await open())];
    expect(ends[0]?.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(ends).toEqual([ends[0], ends[0], ends[0]]);
  });

  it('gives the same, in the same order, as often as it is read', async () => {
    const source = await open();
    const first = await collected(source.read());
    expect(await collected(source.read())).toEqual(first);
    expect(await items()).toEqual(first);
  });

  it('gives an id once only, in the form that ids have', async () => {
    const ids = materials(await items()).map(({ material }) => material.id);
    expect(ids.length).toBeGreaterThanOrEqual(3);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.map(parseMaterialId)).toEqual(ids);
  });

  it('gives labels that are checked and say where they come from, and none where none is known', async () => {
    const all = materials(await items());
    const labels = all.flatMap(({ material, label }) => (label ? [{ id: material.id, ...label }] : []));
    expect(labels.length).toBeGreaterThan(0);
    expect(labels.length).toBeLessThan(all.length);
    for (const { id, provenance, tensor, ...measured } of labels) {
      expect(() => checkValues(id, measured)).not.toThrow();
      expect(provenance).not.toBe('');
      if (tensor) expect(tensor).toHaveLength(36);
    }
  });

  it('refuses with code, place and reason, and goes on', async () => {
    const all = await items();
    const refused = rejections(all);
    expect(refused.length).toBeGreaterThanOrEqual(3);
    for (const { code, message, source } of refused) {
      expect(REJECTION_CODES).toContain(code);
      expect(message).not.toBe('');
      expect(source).not.toBe('');
    }
    expect(all.at(-1)!.kind).toBe('material');
  });

  it('refuses a bad label beside its material', async () => {
    const all = await items();
    const refused = new Set(rejections(all).map(({ materialId }) => materialId));
    const kept = materials(all).filter(({ material, label }) => label === undefined && refused.has(material.id));
    expect(kept.length).toBeGreaterThan(0);
  });

  it('stops where the reader stops', async () => {
    for await (const item of (await open()).read()) {
      expect(item.kind).toBe('material');
      break;
    }
  });

  it('fails as interrupted when aborted, before or amid reading: what is cut short is not everything', async () => {
    const source = await open();
    await expect(collected(source.read(AbortSignal.abort()))).rejects.toMatchObject({ code: 'interrupted' });
    const controller = new AbortController();
    const seen: SourceItem[] = [];
    const reading = async () => {
      for await (const item of source.read(controller.signal)) {
        seen.push(item);
        controller.abort();
      }
    };
    await expect(reading()).rejects.toMatchObject({ code: 'interrupted' });
    expect(seen).toHaveLength(1);
  });
}

async function endOf(source: MaterialSource): Promise<SourceEnd> {
  const reading = source.read();
  for (;;) {
    const { done, value } = await reading.next();
    if (done) return value;
  }
}
