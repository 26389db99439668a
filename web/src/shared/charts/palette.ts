/**
 * Colour belongs to the entity: a model or a project has the same colour on every page, whatever else
 * is in the chart. Models have their family's colour (Opus, Sonnet, Haiku: dark to light teal), a
 * version is a shade of it. Everything else takes a place in a list by its name's hash; when two
 * names meet at one place the later one moves on, and this browser remembers where to.
 */
import { WITHHELD } from '@/shared/charts/prepare/withheld';
import { parseModel } from '@/shared/lib/models';

export type ThemeName = 'light' | 'dark';

const FAMILIES: Record<string, Record<ThemeName, string>> = {
    opus: { light: '#0f766e', dark: '#3cc9ba' },
    sonnet: { light: '#4fa8a0', dark: '#278a80' },
    haiku: { light: '#b5dad3', dark: '#17524c' },
    fable: { light: '#d9a441', dark: '#e0a84b' },
    other1: { light: '#8a6bb0', dark: '#a98ad0' },
    other2: { light: '#6b8bab', dark: '#7fa3c6' },
};

const PLACES: Record<ThemeName, readonly string[]> = {
    light: [
        '#0f766e',
        '#d9a441',
        '#8a6bb0',
        '#6b8bab',
        '#4fa8a0',
        '#c2694f',
        '#8a9a3b',
        '#b5dad3',
        '#c77b98',
        '#34567a',
        '#cdb98a',
        '#4d7c4a',
    ],
    dark: [
        '#3cc9ba',
        '#e0a84b',
        '#a98ad0',
        '#7fa3c6',
        '#278a80',
        '#df8468',
        '#abbd58',
        '#17524c',
        '#dd94af',
        '#557fae',
        '#8f8058',
        '#6da36a',
    ],
};

const OTHER: Record<ThemeName, string> = { light: '#8c9a97', dark: '#667874' };
const NONE: Record<ThemeName, string> = { light: '#c9d2cf', dark: '#32433f' };
const INK: Record<ThemeName, string> = { light: '#10201e', dark: '#e5edeb' };
const PAPER: Record<ThemeName, string> = { light: '#ffffff', dark: '#101a18' };

/** `share` of `b` in `a`, both #rrggbb. */
export function mix(a: string, b: string, share: number): string {
    const part = (color: string, at: number) => Number.parseInt(color.slice(at, at + 2), 16);
    const blend = (at: number) =>
        Math.round(part(a, at) * (1 - share) + part(b, at) * share)
            .toString(16)
            .padStart(2, '0');
    return `#${blend(1)}${blend(3)}${blend(5)}`;
}

export function hashOf(text: string): number {
    let hash = 2166136261;
    for (let index = 0; index < text.length; index++) {
        hash = Math.imul(hash ^ text.charCodeAt(index), 16777619);
    }
    return hash >>> 0;
}

const STORAGE = 'tidemark.colours';
let places: Map<string, number> | null = null;

function remembered(): Map<string, number> {
    if (places) return places;
    places = new Map();
    try {
        const stored: unknown = JSON.parse(localStorage.getItem(STORAGE) ?? '{}');
        for (const [name, place] of Object.entries(stored as Record<string, unknown>)) {
            if (typeof place === 'number') places.set(name, place);
        }
    } catch {
        // A browser that keeps nothing still has colours, by hash alone.
    }
    return places;
}

/** The place of a name among `count`: where its hash says, or where the caller wants it to begin. */
function placeOf(name: string, count: number, begin = hashOf(name) % count): number {
    const known = remembered();
    const found = known.get(name);
    if (found !== undefined) return found % count;
    const dimension = `${name.split('\n')[0]}\n`;
    const taken = new Set(
        [...known].filter(([other]) => other.startsWith(dimension)).map(([, place]) => place),
    );
    let place = begin;
    if (taken.size < count) while (taken.has(place)) place = (place + 1) % count;
    known.set(name, place);
    try {
        localStorage.setItem(STORAGE, JSON.stringify(Object.fromEntries(known)));
    } catch {
        // As above.
    }
    return place;
}

const SHADES = 3;

/** The first version seen has the family's own colour, the next ones a lighter and a darker shade. */
function modelColor(id: string, theme: ThemeName): string {
    const { family, version } = parseModel(id);
    const known =
        FAMILIES[family] ?? FAMILIES[hashOf(family || id) % 2 === 0 ? 'other1' : 'other2'];
    const base = known?.[theme] ?? OTHER[theme];
    switch (placeOf(`shade:${family || id}\n${version}`, SHADES, 0)) {
        case 1:
            return mix(base, PAPER[theme], 0.25);
        case 2:
            return mix(base, INK[theme], 0.25);
        default:
            return base;
    }
}

export function colorOf(dimension: string, key: string, theme: ThemeName): string {
    if (key === '__other__') return OTHER[theme];
    if (key === WITHHELD) return NONE[theme];
    if (dimension === 'none') return PLACES[theme][0] ?? OTHER[theme];
    if (key === '') return NONE[theme];
    if (dimension === 'model') return modelColor(key, theme);
    return PLACES[theme][placeOf(`${dimension}\n${key}`, PLACES[theme].length)] ?? OTHER[theme];
}
