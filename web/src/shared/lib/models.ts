/** Reading a model's id: `claude-opus-4-8-20260115` is Opus 4.8. */
export interface ModelId {
    /** opus, sonnet, haiku, fable … or '' */
    family: string;
    /** 4.8, or '' */
    version: string;
}

const DATE = /^\d{6,8}$/;

export function parseModel(id: string): ModelId {
    const bare = id
        .toLowerCase()
        .replace(/^.*[./](?=claude)/, '') // a cloud's prefix: us.anthropic.claude-…
        .replace(/[@:[].*$/, ''); // its suffix, or a context mark
    const parts = bare.split('-').filter((part) => part !== 'claude' && part !== '');
    const family = parts.find((part) => /^[a-z]+$/.test(part) && part !== 'latest') ?? '';
    const numbers = parts.filter((part) => /^\d+(\.\d+)?$/.test(part) && !DATE.test(part));
    return { family, version: numbers.slice(0, 2).join('.') };
}

export function modelName(id: string): string {
    if (!/claude/i.test(id)) return id;
    const { family, version } = parseModel(id);
    if (!family) return id;
    const name = family.charAt(0).toUpperCase() + family.slice(1);
    const fast = /-fast$/.test(id) ? ' fast' : '';
    return version ? `${name} ${version}${fast}` : `${name}${fast}`;
}
