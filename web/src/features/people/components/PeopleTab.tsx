import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PersonDrawer } from '@/features/people/components/PersonDrawer';
import { PersonName, shownName } from '@/features/people/components/PersonName';
import { useGetPeopleQuery } from '@/shared/api/generated';
import type { Person } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';
import { useNow } from '@/shared/lib/now';
import { useUrlText } from '@/shared/lib/urlState';
import type { Column } from '@/shared/ui/DataTable';
import { DataTable } from '@/shared/ui/DataTable';
import { Panel } from '@/shared/ui/Panel';
import { SkeletonRows } from '@/shared/ui/Skeleton';
import { EmptyState, ErrorPanel } from '@/shared/ui/States';

const TABLE_HEIGHT = 620;

export function PeopleTab({ add }: { add: React.ReactNode }) {
    const { t } = useTranslation(['people', 'common']);
    const format = useFormat();
    const now = useNow(60_000);
    const { data, error, refetch } = useGetPeopleQuery();
    const [text, setText] = useUrlText('q');
    const [openId, setOpenId] = useState<number | null>(null);
    const people = data?.people ?? [];
    const needle = text.trim().toLowerCase();
    const shown = people.filter((person) =>
        [
            person.username,
            person.display_name,
            person.email ?? '',
            ...person.teams.map((team) => team.name),
            ...person.identities.map((one) => one.value),
        ].some((word) => word.toLowerCase().includes(needle)),
    );
    const open = people.find((person) => person.id === openId);
    const columns: Column<Person>[] = [
        {
            id: 'name',
            title: t('person.name'),
            grow: true,
            value: shownName,
            cell: (person) => (
                <button
                    type="button"
                    className="person-open"
                    onClick={(event) => {
                        event.stopPropagation();
                        setOpenId(person.id);
                    }}
                >
                    <PersonName person={person} />
                </button>
            ),
        },
        {
            id: 'role',
            title: t('person.role'),
            wideOnly: true,
            value: (person) => person.role,
            cell: (person) => t(`common:role.${person.role}`),
        },
        {
            id: 'teams',
            title: t('person.teams'),
            wideOnly: true,
            value: (person) => person.teams.map((team) => team.name).join(', ') || null,
            cell: (person) => person.teams.map((team) => team.name).join(', ') || '—',
        },
        {
            id: 'factor',
            title: t('person.factor'),
            wideOnly: true,
            value: (person) => (person.second_factor ? 1 : 0),
            cell: (person) =>
                person.second_factor ? (
                    t('person.yes')
                ) : (
                    <span className="tone-warning">{t('person.no')}</span>
                ),
        },
        {
            id: 'seen',
            title: t('person.seen'),
            wideOnly: true,
            end: true,
            value: (person) => (person.last_seen ? Date.parse(person.last_seen) : null),
            cell: (person) =>
                person.last_seen
                    ? format.ago(Math.max(0, now - Date.parse(person.last_seen)))
                    : '—',
        },
        {
            id: 'state',
            title: t('person.state'),
            end: true,
            value: (person) => person.state,
            cell: (person) => (
                <span className={person.state === 'active' ? 'tag tag-ok' : 'tag'}>
                    {t(`state.${person.state}`)}
                </span>
            ),
        },
    ];
    return (
        <Panel
            title={t('tab.people')}
            sub={data ? t('people.count', { count: people.length }) : null}
            actions={
                <>
                    <input
                        className="input wide-only"
                        type="search"
                        aria-label={t('people.search')}
                        placeholder={t('people.search')}
                        value={text}
                        onChange={(event) => setText(event.target.value)}
                    />
                    {add}
                </>
            }
        >
            {data ? (
                shown.length > 0 ? (
                    <DataTable
                        label={t('tab.people')}
                        columns={columns}
                        rows={shown}
                        rowKey={(person) => String(person.id)}
                        onRow={(person) => setOpenId(person.id)}
                        initialSort={{ id: 'name', descending: false }}
                        height={TABLE_HEIGHT}
                    />
                ) : (
                    <EmptyState title={t('people.none')} text={t('people.none_text')} />
                )
            ) : error ? (
                <ErrorPanel error={error} onRetry={refetch} />
            ) : (
                <SkeletonRows rows={6} />
            )}
            {open ? (
                <PersonDrawer
                    key={`${open.id}-${open.role}`}
                    person={open}
                    people={people}
                    onClose={() => setOpenId(null)}
                />
            ) : null}
        </Panel>
    );
}
