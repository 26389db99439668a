import { describe, expect, it } from 'vitest';
import type { Facets } from '@/shared/api/generated';
import { FILTER_NAMES } from '@/shared/lib/filters';
import { asksTools, drillDown, offeredGroups, stackable } from './metrics';

function facets(known: Partial<Record<keyof Facets, string[]>>): Facets {
    const values = FILTER_NAMES.map((name) => [
        name,
        (known[name] ?? []).map((key) => ({ key, label: key })),
    ]);
    return { ...Object.fromEntries(values), withheld: false };
}

describe('groups on offer', () => {
    it('leaves out what has only "none"', () => {
        const offered = offeredGroups(
            'cost',
            'project',
            facets({ branch: ['main'], skill: [''], agent: [] }),
        );
        expect(offered).toContain('branch');
        expect(offered).not.toContain('skill');
        expect(offered).not.toContain('agent');
        expect(offered).toEqual(expect.arrayContaining(['project', 'model', 'none']));
    });

    it('keeps the group in force and what the metric can be cut by', () => {
        expect(offeredGroups('cost', 'geo', facets({}))).toContain('geo');
        expect(offeredGroups('thinking_tokens', 'project', undefined)).not.toContain('tool');
        expect(offeredGroups('tool_errors', 'tool', undefined)).toEqual([
            'project',
            'session',
            'tool',
            'none',
        ]);
    });
});

describe('drilling down', () => {
    it('adds the value and goes to the next group', () => {
        expect(drillDown('project', '/a', { kind: ['main'] }, 'cost', undefined)).toEqual({
            filters: { kind: ['main'], project: ['/a'] },
            group: 'model',
        });
    });

    it('replaces an earlier choice of the same name', () => {
        const next = drillDown('model', 'm1', { model: ['m1', 'm2'] }, 'cost', undefined);
        expect(next.filters).toEqual({ model: ['m1'] });
        expect(next.group).toBe('project');
    });

    it('passes over what is down to one value or empty', () => {
        const next = drillDown(
            'project',
            '/a',
            { model: ['m1'] },
            'cost',
            facets({ branch: [''], session: ['s1', 's2'] }),
        );
        expect(next.group).toBe('session');
    });

    it('keeps to groups the metric can be cut by', () => {
        expect(drillDown('mcp_server', 'jira', {}, 'cache_read_tokens', undefined).group).toBe(
            'project',
        );
    });

    it('filters by "none" too', () => {
        expect(drillDown('agent', '', {}, 'cost', undefined).filters).toEqual({ agent: [''] });
    });
});

it('knows what overlaps', () => {
    expect(stackable('cost', 'model')).toBe(true);
    expect(stackable('sessions', 'tool')).toBe(false);
    expect(stackable('cost_per_request', 'none')).toBe(false);
});

it('knows what only tool calls can tell', () => {
    expect(asksTools('cost', 'project', {})).toBe(false);
    expect(asksTools('cost', 'project', { tool: ['Bash'] })).toBe(true);
    expect(asksTools('tool_calls', 'project', {})).toBe(true);
});
