import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { SessionCards } from '@/features/sessions/components/SessionCards';
import { SessionTable } from '@/features/sessions/components/SessionTable';
import { usePhone } from '@/features/sessions/hooks/usePhone';
import { listQuestion, useSessionList } from '@/features/sessions/hooks/useSessionList';
import type { ListOrder, SessionSort } from '@/features/sessions/lib/list';
import { SORTS } from '@/features/sessions/lib/list';
import type { AppDispatch } from '@/shared/api/dispatch';
import { api } from '@/shared/api/generated';
import { usageArg, useUsageArg } from '@/shared/api/usageArg';
import { hasFilters } from '@/shared/lib/filters';
import type { Preferences } from '@/shared/lib/format';
import { useFormat } from '@/shared/lib/format';
import { resolveRange } from '@/shared/lib/range';
import {
    filtersPatch,
    useFilters,
    useRange,
    useResolvedRange,
    useUrlChoice,
    useUrlPatch,
} from '@/shared/lib/urlState';
import { FilterBar } from '@/shared/ui/FilterBar';
import { LiveMark } from '@/shared/ui/LiveMark';
import { PageHeader } from '@/shared/ui/PageHeader';
import { Caret, Popover } from '@/shared/ui/Popover';
import { RangePicker } from '@/shared/ui/RangePicker';
import { SkeletonRows } from '@/shared/ui/Skeleton';
import { EmptyState, ErrorPanel } from '@/shared/ui/States';
import { Withheld } from '@/shared/ui/Withheld';
import '@/features/sessions/sessions.css';

const DEFAULT_RANGE = '30d';
const DEFAULT_ORDER: ListOrder = { sort: 'last_activity', descending: true };
const NO_FILTERS = {};
/** Above and below the table. */
const AROUND = 198;
const NOTE = 56;

export default function SessionsPage() {
    const { t } = useTranslation('sessions');
    const format = useFormat();
    const phone = usePhone();
    const [range, setRange] = useRange(DEFAULT_RANGE);
    const [filters, setFilters] = useFilters();
    const [sort] = useUrlChoice<SessionSort>('sort', SORTS, DEFAULT_ORDER.sort);
    const [direction] = useUrlChoice<'asc' | 'desc'>('order', ['asc', 'desc'], 'desc');
    const patch = useUrlPatch();
    const [params] = useSearchParams();
    const search = params.get('q') ?? '';
    const resolved = useResolvedRange(range);
    const scope = useUsageArg(resolved, NO_FILTERS);
    const common = useUsageArg(resolved, filters);
    const arg = useMemo(
        () => listQuestion(common, { sort, descending: direction === 'desc' }, search),
        [common, sort, direction, search],
    );
    const list = useSessionList(arg);
    const height = useTableHeight(list.withheld ? AROUND + NOTE : AROUND);
    const order: ListOrder = { sort, descending: direction === 'desc' };
    const setOrder = (next: ListOrder) =>
        patch({
            sort: next.sort === DEFAULT_ORDER.sort ? null : next.sort,
            order: next.descending ? null : 'asc',
        });
    const narrowed = search !== '' || hasFilters(filters);

    let body: React.ReactNode;
    if (list.rows === undefined || (list.error && list.pending)) {
        body = list.error ? (
            <ErrorPanel error={list.error} onRetry={list.retry} />
        ) : (
            <div aria-busy="true">
                <SkeletonRows rows={12} />
            </div>
        );
    } else if (list.error) {
        body = <ErrorPanel error={list.error} onRetry={list.retry} />;
    } else if (list.rows.length === 0) {
        body = narrowed ? (
            <EmptyState
                title={t('empty.none_found')}
                text={t('empty.none_found_text')}
                action={
                    <button
                        type="button"
                        className="button"
                        onClick={() => patch({ ...filtersPatch({}), q: null })}
                    >
                        {t('empty.clear')}
                    </button>
                }
            />
        ) : (
            <EmptyState
                title={t('empty.title')}
                text={t('empty.text')}
                action={
                    'preset' in range && range.preset === 'this_year' ? undefined : (
                        <button
                            type="button"
                            className="button"
                            onClick={() => setRange({ preset: 'this_year' })}
                        >
                            {t('empty.longer')}
                        </button>
                    )
                }
            />
        );
    } else {
        body = (
            <div className={list.pending ? 'list-pending' : undefined} aria-busy={list.pending}>
                {phone ? (
                    <SessionCards rows={list.rows} onEnd={list.more} />
                ) : (
                    <SessionTable
                        // Another question starts at its top.
                        key={`${sort} ${direction} ${search}`}
                        rows={list.rows}
                        order={order}
                        onOrder={setOrder}
                        height={height}
                        onEnd={list.more}
                    />
                )}
                <p className="list-foot" role="status">
                    {list.moreFailed ? (
                        <>
                            {t('list.more_failed')}{' '}
                            <button
                                type="button"
                                className="button button-quiet button-small"
                                onClick={list.more}
                            >
                                {t('list.again')}
                            </button>
                        </>
                    ) : (
                        t(list.loadingMore ? 'list.loading' : 'list.shown', {
                            shown: format.count(list.rows.length),
                            total: format.count(Math.max(list.total, list.rows.length)),
                        })
                    )}
                </p>
            </div>
        );
    }
    return (
        <div className="page">
            <PageHeader title={t('title')}>
                <RangePicker value={range} onChange={setRange} />
                <LiveMark newest={newestOf(list.rows)} />
            </PageHeader>
            <Withheld when={list.withheld} what="own" />
            <section className="panel session-list" aria-label={t('list.label')}>
                <div className="list-tools">
                    <SearchField value={search} onChange={(q) => patch({ q: q || null }, true)} />
                    <FilterBar filters={filters} onChange={setFilters} scope={scope} />
                    <SortMenu order={order} onChange={setOrder} />
                </div>
                {body}
            </section>
        </div>
    );
}

/** Asks what the page asks when it is opened without any choice, so that the answer is there by then. */
export function askAhead(dispatch: AppDispatch, { zone, weekStart }: Preferences): void {
    const range = resolveRange({ preset: DEFAULT_RANGE }, Date.now(), zone, weekStart);
    const arg = usageArg(range, NO_FILTERS, zone, weekStart);
    const question = listQuestion(arg, DEFAULT_ORDER, '');
    dispatch(api.endpoints.getSessions.initiate(question, { subscribe: false }));
}

function newestOf(rows: readonly { last_activity: string }[] | undefined): string | null {
    let newest: string | null = null;
    for (const row of rows?.slice(0, 20) ?? []) {
        if (newest === null || row.last_activity > newest) newest = row.last_activity;
    }
    return newest;
}

/** Fills the window, so that the page itself does not scroll. */
function useTableHeight(around: number): number {
    const [height, setHeight] = useState(() => window.innerHeight);
    useEffect(() => {
        const resized = () => setHeight(window.innerHeight);
        window.addEventListener('resize', resized);
        return () => window.removeEventListener('resize', resized);
    }, []);
    return Math.max(320, height - around);
}

const PAUSE = 250;

/** Asks once the typing pauses. */
function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
    const { t } = useTranslation('sessions');
    const [text, setText] = useState(value);
    const [given, setGiven] = useState(value);
    if (given !== value) {
        // Back, a link or "clear" changed the address.
        setGiven(value);
        if (value !== text.trim()) setText(value);
    }
    const change = useRef(onChange);
    change.current = onChange;
    // Waits for a pause in typing.
    useEffect(() => {
        const wanted = text.trim();
        if (wanted === value) return;
        const timer = setTimeout(() => change.current(wanted), PAUSE);
        return () => clearTimeout(timer);
    }, [text, value]);
    return (
        <input
            className="input list-search"
            type="search"
            value={text}
            placeholder={t('search')}
            aria-label={t('search')}
            onChange={(event) => setText(event.target.value)}
        />
    );
}

interface SortMenuProps {
    order: ListOrder;
    onChange: (order: ListOrder) => void;
}

/** The table sorts by its heads; the cards have none. */
function SortMenu({ order, onChange }: SortMenuProps) {
    const { t } = useTranslation('sessions');
    return (
        <span className="phone-only">
            <Popover
                name={t('sort.title')}
                align="end"
                label={
                    <>
                        {t(`sort.${order.sort}`)} <Caret />
                    </>
                }
            >
                {(close) => (
                    <>
                        {SORTS.map((sort) => (
                            <button
                                key={sort}
                                type="button"
                                className="menu-item"
                                aria-pressed={order.sort === sort}
                                onClick={() => {
                                    onChange({ sort, descending: true });
                                    close();
                                }}
                            >
                                {t(`sort.${sort}`)}
                            </button>
                        ))}
                        <button
                            type="button"
                            className="menu-item"
                            aria-pressed={!order.descending}
                            onClick={() => {
                                onChange({ ...order, descending: !order.descending });
                                close();
                            }}
                        >
                            {t('sort.reversed')}
                        </button>
                    </>
                )}
            </Popover>
        </span>
    );
}
