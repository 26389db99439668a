import { expect, test } from 'vitest';
import type { Team } from '@/shared/api/model';
import { teamOptions, teamTree, withNested } from './tree';

const team = (id: number, name: string, parent: number | null = null): Team => ({
    id,
    name,
    parent,
    members: [],
});
const shape = (teams: Team[]) =>
    teamTree(teams, 'en').map(({ team: one, depth }) => `${'-'.repeat(depth)}${one.name}`);

test('teams stand below their parents, by name', () => {
    expect(
        shape([
            team(1, 'Zeta'),
            team(2, 'Apps', 3),
            team(3, 'Platform'),
            team(4, 'Team 10', 3),
            team(5, 'Team 9', 3),
        ]),
    ).toEqual(['Platform', '-Apps', '-Team 9', '-Team 10', 'Zeta']);
});

test('a team whose parent is out of reach stands at the top', () => {
    expect(shape([team(2, 'Apps', 77)])).toEqual(['Apps']);
});

test('a ring of parents loses nobody and ends', () => {
    expect(shape([team(1, 'A', 2), team(2, 'B', 1), team(3, 'C', 3)]).sort()).toEqual([
        'A',
        'B',
        'C',
    ]);
});

test('a team cannot be put below itself or what is below it', () => {
    const teams = [team(1, 'A'), team(2, 'B', 1), team(3, 'C', 2), team(4, 'D')];
    expect([...withNested(teams, 1)].sort()).toEqual([1, 2, 3]);
    expect(teamOptions(teams, 'en', withNested(teams, 2)).map((one) => one.value)).toEqual([1, 4]);
});
