/** Teams as a tree, made of the flat list the server gives. */
import type { Team } from '@/shared/api/model';

export interface TeamNode {
    team: Team;
    /** 0 = top. */
    depth: number;
}

/**
 * The teams in the order of a tree, each below its parent, by name. A team whose parent is out of reach
 * stands at the top; a ring of parents, which the server forbids, loses nobody.
 */
export function teamTree(teams: readonly Team[], language: string): TeamNode[] {
    const compare = new Intl.Collator(language, { numeric: true }).compare;
    const ids = new Set(teams.map((team) => team.id));
    const below = new Map<number | null, Team[]>();
    for (const team of teams) {
        const parent = team.parent !== null && ids.has(team.parent) ? team.parent : null;
        below.set(parent, [...(below.get(parent) ?? []), team]);
    }
    const nodes: TeamNode[] = [];
    const seen = new Set<number>();
    const walk = (parent: number | null, depth: number) => {
        for (const team of [...(below.get(parent) ?? [])].sort((a, b) => compare(a.name, b.name))) {
            if (seen.has(team.id)) continue;
            seen.add(team.id);
            nodes.push({ team, depth });
            walk(team.id, depth + 1);
        }
    };
    walk(null, 0);
    for (const team of teams) if (!seen.has(team.id)) nodes.push({ team, depth: 0 });
    return nodes;
}

/** A team and all below it: what it cannot be put under. */
export function withNested(teams: readonly Team[], id: number): Set<number> {
    const found = new Set([id]);
    for (let before = -1; before !== found.size; ) {
        before = found.size;
        for (const team of teams) {
            if (team.parent !== null && found.has(team.parent)) found.add(team.id);
        }
    }
    return found;
}

/** Indented options for a select. */
export function teamOptions(
    teams: readonly Team[],
    language: string,
    without: ReadonlySet<number> = new Set(),
) {
    return teamTree(teams, language)
        .filter(({ team }) => !without.has(team.id))
        .map(({ team, depth }) => ({
            value: team.id,
            label: `${'\u2003'.repeat(depth)}${team.name}`,
        }));
}
