/** What a row of the audit log changed, field by field, from its two JSON texts. */

export interface Change {
    /** "session_days"; with dots where objects lie in each other. */
    name: string;
    /** null = was not there. */
    before: string | null;
    after: string | null;
}

const DEEP = 4;

/** Objects inside are taken apart, those inside a text too: settings are stored as JSON in one field. */
function flatten(value: unknown, name: string, into: Map<string, string>, depth: number): void {
    if (value && typeof value === 'object' && !Array.isArray(value) && depth < DEEP) {
        for (const [key, inner] of Object.entries(value)) {
            flatten(inner, name ? `${name}.${key}` : key, into, depth + 1);
        }
        return;
    }
    if (typeof value === 'string') {
        const inner = value.startsWith('{') ? parse(value) : null;
        if (inner) flatten(inner, '', into, depth + 1);
        else into.set(name, value);
        return;
    }
    if (Array.isArray(value)) {
        into.set(name, value.map((one) => (typeof one === 'string' ? one : json(one))).join(', '));
        return;
    }
    if (value !== undefined && value !== null) into.set(name, json(value));
}

function json(value: unknown): string {
    return JSON.stringify(value) ?? '';
}

function parse(text: string): Record<string, unknown> | null {
    try {
        const value: unknown = JSON.parse(text);
        return value && typeof value === 'object' ? (value as Record<string, unknown>) : null;
    } catch {
        return null;
    }
}

function fields(text: string): Map<string, string> {
    const found = new Map<string, string>();
    if (text === '') return found;
    const value = parse(text);
    // A text that is no JSON is shown as it is, rather than not at all.
    if (value) flatten(value, '', found, 0);
    else found.set('', text);
    return found;
}

/** What is the same before and after, and what is empty in both, is left out. */
export function changesOf(before: string, after: string): Change[] {
    const old = fields(before);
    const fresh = fields(after);
    return [...new Set([...old.keys(), ...fresh.keys()])]
        .map((name) => ({ name, before: old.get(name) ?? null, after: fresh.get(name) ?? null }))
        .filter(({ before: was, after: is }) => was !== is && Boolean(was || is));
}
