/** What an audit entry was done to, by its name of today: the log itself has numbers, which stay when names change. */
import { useMemo } from 'react';
import { useGetPeopleQuery, useGetTeamsQuery } from '@/shared/api/generated';

/** "account:5" -> "Ben Wu"; what has no name here, or is gone, stays as it is. */
export function useObjectNames(): (object: string) => string {
    const people = useGetPeopleQuery().data?.people;
    const teams = useGetTeamsQuery().data?.teams;
    return useMemo(() => {
        const names = new Map<string, string>();
        for (const one of people ?? []) {
            names.set(`account:${one.id}`, one.display_name || one.username);
        }
        for (const one of teams ?? []) names.set(`team:${one.id}`, one.name);
        return (object) => names.get(object) ?? object;
    }, [people, teams]);
}
