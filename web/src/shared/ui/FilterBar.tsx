import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useGetFacetsQuery } from '@/shared/api/generated';
import type { CommonArg } from '@/shared/api/model';
import type { FilterName, Filters } from '@/shared/lib/filters';
import { FILTER_NAMES, toggleFilter, withFilter } from '@/shared/lib/filters';
import { useEntityLabel } from '@/shared/ui/labels';
import { Popover } from '@/shared/ui/Popover';
import { SkeletonRows } from '@/shared/ui/Skeleton';
import { ErrorPanel } from '@/shared/ui/States';

interface FilterBarProps {
    filters: Filters;
    onChange: (filters: Filters) => void;
    /** Whose values to offer: the view's range, without filters. */
    scope: CommonArg;
    /** The names to offer; default all. */
    names?: readonly FilterName[];
}

/** Chips for the filters in force and a button for one more. OR inside a name, AND between names. */
export function FilterBar({ filters, onChange, scope, names = FILTER_NAMES }: FilterBarProps) {
    const { t } = useTranslation('common');
    const label = useEntityLabel();
    const active = names.filter((name) => (filters[name]?.length ?? 0) > 0);
    return (
        <div className="filter-bar" role="group" aria-label={t('filter.title')}>
            {active.map((name) => {
                const values = filters[name] ?? [];
                const text = values.map((value) => label(name, value)).join(t('filter.separator'));
                return (
                    <span className="chip-group" key={name}>
                        <Popover
                            name={t(`dimension.${name}`)}
                            buttonClass="chip"
                            label={
                                <>
                                    {t(`dimension.${name}`)} <b>{text}</b>
                                </>
                            }
                        >
                            {() => (
                                <FilterValues
                                    name={name}
                                    filters={filters}
                                    onChange={onChange}
                                    scope={scope}
                                />
                            )}
                        </Popover>
                        <button
                            type="button"
                            className="chip chip-close"
                            aria-label={t('filter.remove', { name: t(`dimension.${name}`) })}
                            onClick={() => onChange(withFilter(filters, name, []))}
                        >
                            <span aria-hidden="true">×</span>
                        </button>
                    </span>
                );
            })}
            <Popover name={t('filter.add')} buttonClass="chip" label={t('filter.add_short')}>
                {() => (
                    <AddFilter
                        names={names.filter((name) => !active.includes(name))}
                        filters={filters}
                        onChange={onChange}
                        scope={scope}
                    />
                )}
            </Popover>
            {active.length > 1 ? (
                <button
                    type="button"
                    className="button button-quiet button-small"
                    onClick={() => onChange({})}
                >
                    {t('filter.clear')}
                </button>
            ) : null}
        </div>
    );
}

interface PartProps extends Omit<FilterBarProps, 'names'> {
    names: readonly FilterName[];
}

function AddFilter({ names, filters, onChange, scope }: PartProps) {
    const { t } = useTranslation('common');
    const [chosen, setChosen] = useState<FilterName | null>(null);
    const { data } = useGetFacetsQuery(scope);
    if (chosen) {
        return <FilterValues name={chosen} filters={filters} onChange={onChange} scope={scope} />;
    }
    // A name with one value or none has nothing to choose.
    const offered = data ? names.filter((name) => (data[name]?.length ?? 0) > 1) : names;
    return (
        <>
            {offered.map((name) => (
                <button
                    key={name}
                    type="button"
                    className="menu-item"
                    onClick={() => setChosen(name)}
                >
                    {t(`dimension.${name}`)}
                    <span className="menu-item-end">{data?.[name]?.length ?? ''}</span>
                </button>
            ))}
        </>
    );
}

function FilterValues(props: Omit<PartProps, 'names'> & { name: FilterName }) {
    const { name, filters, onChange, scope } = props;
    const { t } = useTranslation('common');
    const label = useEntityLabel();
    const [search, setSearch] = useState('');
    const { data, error, refetch } = useGetFacetsQuery(scope);
    if (error && !data) return <ErrorPanel error={error} onRetry={refetch} />;
    if (!data) return <SkeletonRows rows={4} />;
    const chosen = filters[name] ?? [];
    const known = data[name] ?? [];
    const missing = chosen.filter((key) => !known.some((value) => value.key === key));
    const values = [...missing.map((key) => ({ key, label: key })), ...known].map((value) => ({
        key: value.key,
        label: label(name, value.key, value.label),
    }));
    const wanted = search.trim().toLowerCase();
    const shown = values.filter((value) => value.label.toLowerCase().includes(wanted));
    return (
        <>
            {values.length > 8 ? (
                <input
                    className="input menu-search"
                    type="search"
                    placeholder={t('filter.search')}
                    aria-label={t('filter.search')}
                    value={search}
                    onChange={(event) => setSearch(event.target.value)}
                />
            ) : null}
            {shown.slice(0, 200).map((value) => (
                <button
                    key={value.key}
                    type="button"
                    role="checkbox"
                    aria-checked={chosen.includes(value.key)}
                    className="menu-item"
                    onClick={() => onChange(toggleFilter(filters, name, value.key))}
                >
                    {value.label}
                    <span className="menu-item-end" aria-hidden="true">
                        {chosen.includes(value.key) ? '✓' : ''}
                    </span>
                </button>
            ))}
            {shown.length === 0 ? <p className="popover-title">{t('filter.none')}</p> : null}
        </>
    );
}
