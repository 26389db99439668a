import { expect, it } from 'vitest';
import { readViews, storeViews, withView } from './savedViews';

it('keeps views by name and replaces one of the same name', () => {
    const first = withView([], { name: 'week', search: 'range=7d' });
    const both = withView(first, { name: 'by model', search: 'group=model' });
    const again = withView(both, { name: 'week', search: 'range=last_week' });
    expect(again.map((view) => view.name)).toEqual(['by model', 'week']);
    expect(storeViews(again)).toBe(true);
    expect(readViews()).toEqual(again);
});

it('reads nothing from what is no list of views', () => {
    localStorage.setItem('tidemark.views.explore', '{"a":1}');
    expect(readViews()).toEqual([]);
    localStorage.setItem('tidemark.views.explore', '[{"name":"x"},{"name":"y","search":""},null]');
    expect(readViews()).toEqual([{ name: 'y', search: '' }]);
    localStorage.setItem('tidemark.views.explore', 'no');
    expect(readViews()).toEqual([]);
});
