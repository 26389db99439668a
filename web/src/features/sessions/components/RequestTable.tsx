/** Every request of the session, newest first, each with what is known of it one click away. */
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSource } from '@/features/sessions/hooks/useNames';
import { countKinds } from '@/features/sessions/lib/figures';
import { requestsTable } from '@/features/sessions/lib/requestsCsv';
import type { SessionDetail } from '@/shared/api/model';
import { saveText } from '@/shared/charts/download';
import { toCsv } from '@/shared/charts/prepare/csv';
import { useFormat } from '@/shared/lib/format';
import { Choice } from '@/shared/ui/Choice';
import type { Column } from '@/shared/ui/DataTable';
import { DataTable } from '@/shared/ui/DataTable';
import { Hint } from '@/shared/ui/Hint';
import { useEntityLabel } from '@/shared/ui/labels';
import { Panel } from '@/shared/ui/Panel';
import { Caret } from '@/shared/ui/Popover';
import { EmptyState } from '@/shared/ui/States';

type Request = SessionDetail['requests'][number];
const PICKS = ['all', 'main', 'subagent', 'auxiliary', 'rebuilt'] as const;
type Pick = (typeof PICKS)[number];

const HEIGHT = 520;

interface RequestTableProps {
    detail: SessionDetail;
    /** Id of the request that is open; null = none. */
    open: string | null;
    onOpen: (id: string | null) => void;
}

export function RequestTable({ detail, open, onOpen }: RequestTableProps) {
    const { t } = useTranslation('sessions');
    const { t: common } = useTranslation('common');
    const [chosen, setPick] = useState<Pick>('all');
    const columns = useColumns(open, onOpen);
    const { requests } = detail;
    const picks = useMemo(() => {
        const kinds = countKinds(requests);
        const counts: Record<Pick, number> = {
            all: requests.length,
            ...kinds,
            rebuilt: requests.filter((one) => one.cache_miss).length,
        };
        return PICKS.filter(
            (one) => one === 'all' || (counts[one] > 0 && counts[one] < counts.all),
        );
    }, [requests]);
    // A request that was asked for elsewhere is shown, whatever is picked here.
    const wanted = open === null ? undefined : requests.find((one) => one.id === open);
    const pick = picks.includes(chosen) && (!wanted || fits(wanted, chosen)) ? chosen : 'all';
    const rows = useMemo(
        () => (pick === 'all' ? requests : requests.filter((one) => fits(one, pick))),
        [requests, pick],
    );
    return (
        <Panel
            title={t('request.title')}
            sub={
                detail.truncated
                    ? t('request.newest', { count: requests.length })
                    : t('request.sub')
            }
            className="request-panel"
        >
            {requests.length === 0 ? (
                <EmptyState title={t('request.empty')} text={t('request.empty_text')} />
            ) : (
                <>
                    {picks.length > 1 ? (
                        <div className="request-tools">
                            <Choice<Pick>
                                name={t('request.which')}
                                look="tabs"
                                value={pick}
                                onChange={(next) => {
                                    onOpen(null);
                                    setPick(next);
                                }}
                                options={picks.map((one) => ({
                                    value: one,
                                    label: t(`pick.${one}`),
                                }))}
                            />
                        </div>
                    ) : null}
                    <DataTable
                        label={t('request.title')}
                        columns={columns}
                        rows={rows}
                        rowKey={(one) => one.id}
                        onRow={(one) => onOpen(open === one.id ? null : one.id)}
                        initialSort={{ id: 'time', descending: true }}
                        height={HEIGHT}
                        remember="session-requests"
                        tools={
                            <button
                                type="button"
                                className="button button-quiet button-small"
                                disabled={rows.length === 0}
                                onClick={() =>
                                    saveText(
                                        `session-${detail.session.id.slice(0, 8)}.csv`,
                                        'text/csv',
                                        toCsv(requestsTable(rows)),
                                    )
                                }
                            >
                                {common('chart.csv')}
                            </button>
                        }
                        detail={{ key: open, render: (one) => <RequestDetail request={one} /> }}
                    />
                </>
            )}
        </Panel>
    );
}

function fits(request: Request, pick: Pick): boolean {
    if (pick === 'all') return true;
    return pick === 'rebuilt' ? request.cache_miss : request.kind === pick;
}

function toolsText(request: Request): string {
    return request.tools
        .map((tool) => (tool.calls > 1 ? `${tool.name}\u00a0×\u00a0${tool.calls}` : tool.name))
        .join(', ');
}

function useColumns(open: string | null, onOpen: (id: string | null) => void): Column<Request>[] {
    const { t } = useTranslation('sessions');
    const format = useFormat();
    const source = useSource();
    const label = useEntityLabel();
    const writes = (one: Request) => one.cache_write_5m_tokens + one.cache_write_1h_tokens;
    return [
        {
            id: 'time',
            title: t('column.time'),
            value: (one) => one.time,
            cell: (one) => (
                <button
                    type="button"
                    className="row-toggle"
                    aria-expanded={open === one.id}
                    title={format.fullTime(one.time)}
                    onClick={(event) => {
                        event.stopPropagation();
                        onOpen(open === one.id ? null : one.id);
                    }}
                >
                    <Caret />
                    {format.clock(one.time, true)}
                </button>
            ),
        },
        {
            id: 'source',
            title: t('column.source'),
            value: (one) => source(one.kind, one.agent),
            cell: (one) => <span className="session-cut">{source(one.kind, one.agent)}</span>,
        },
        {
            id: 'model',
            title: t('column.model'),
            wideOnly: true,
            value: (one) => one.model,
            cell: (one) => label('model', one.model),
        },
        {
            id: 'tools',
            title: t('column.tools'),
            wideOnly: true,
            grow: true,
            cell: (one) =>
                one.tools.length === 0 ? (
                    <span className="tone-quiet">{t('request.no_tools')}</span>
                ) : (
                    <span title={toolsText(one)}>{toolsText(one)}</span>
                ),
        },
        {
            id: 'input',
            title: t('column.input'),
            end: true,
            wideOnly: true,
            value: (one) => one.input_tokens,
            cell: (one) => format.count(one.input_tokens),
        },
        {
            id: 'cache_read',
            title: t('column.cache_read'),
            end: true,
            wideOnly: true,
            value: (one) => one.cache_read_tokens,
            cell: (one) => format.count(one.cache_read_tokens),
        },
        {
            id: 'cache_write',
            title: t('column.cache_write'),
            end: true,
            wideOnly: true,
            value: writes,
            cell: (one) =>
                one.cache_miss ? (
                    <Hint text={t('request.rebuilt')}>
                        <span className="tone-warning">
                            <span aria-hidden="true">▼ </span>
                            {format.count(writes(one))}
                        </span>
                    </Hint>
                ) : (
                    format.count(writes(one))
                ),
        },
        {
            id: 'output',
            title: t('column.output'),
            end: true,
            value: (one) => one.output_tokens,
            cell: (one) =>
                one.incomplete ? (
                    <Hint text={t('request.incomplete')} mark>
                        {format.count(one.output_tokens)}
                    </Hint>
                ) : (
                    format.count(one.output_tokens)
                ),
        },
        {
            id: 'context',
            title: t('column.context'),
            end: true,
            optional: true,
            value: (one) => one.context_tokens,
            cell: (one) => format.count(one.context_tokens),
        },
        {
            id: 'duration',
            title: t('column.took'),
            end: true,
            wideOnly: true,
            value: (one) => one.duration_ms,
            cell: (one) =>
                one.duration_ms === null ? (
                    <span title={t('request.no_duration')}>—</span>
                ) : (
                    format.duration(one.duration_ms)
                ),
        },
        {
            id: 'stop',
            title: t('column.stop'),
            optional: true,
            value: (one) => one.stop_reason,
            cell: (one) => one.stop_reason ?? '—',
        },
        {
            id: 'cost',
            title: t('column.cost'),
            end: true,
            value: (one) => one.cost,
            cell: (one) =>
                one.cost === null ? (
                    <Hint text={t('request.unpriced', { model: one.model })} mark>
                        —
                    </Hint>
                ) : (
                    <span title={format.moneyFull(one.cost)}>{format.moneyTable(one.cost)}</span>
                ),
        },
    ];
}

/** All that a request says about itself; what it does not say is left out. */
function RequestDetail({ request }: { request: Request }) {
    const { t } = useTranslation('sessions');
    const format = useFormat();
    const label = useEntityLabel();
    const facts: [string, string | null][] = [
        [t('fact.time'), format.fullTime(request.time)],
        [
            t('fact.model'),
            request.model_given && request.model_given !== request.model
                ? t('fact.model_given', { model: request.model, given: request.model_given })
                : request.model,
        ],
        [t('fact.tools'), toolsText(request) || t('request.no_tools')],
        [
            t('fact.input'),
            t('fact.input_parts', {
                input: format.count(request.input_tokens),
                read: format.count(request.cache_read_tokens),
            }),
        ],
        [
            t('fact.written'),
            t('fact.written_parts', {
                five: format.count(request.cache_write_5m_tokens),
                hour: format.count(request.cache_write_1h_tokens),
            }),
        ],
        [
            t('fact.output'),
            t('fact.output_parts', {
                output: format.count(request.output_tokens),
                thinking: format.count(request.thinking_tokens),
            }),
        ],
        [t('fact.searches'), request.web_searches > 0 ? format.count(request.web_searches) : null],
        [t('fact.stop'), request.stop_reason],
        [t('fact.effort'), request.effort],
        [t('fact.speed'), label('speed', request.speed)],
        [t('fact.tier'), request.service_tier],
        [t('fact.geo'), request.geo],
        [
            t('fact.client'),
            [request.version, request.entrypoint].filter(Boolean).join(' · ') || null,
        ],
        [t('fact.message'), request.message_id || null],
        [t('fact.request'), request.request_id],
        [t('fact.source'), request.source ? `${request.source.file}:${request.source.line}` : null],
    ];
    return (
        <div className="request-detail">
            {request.cache_miss ? <p className="tone-warning">{t('request.rebuilt')}</p> : null}
            {request.incomplete ? <p className="tone-warning">{t('request.incomplete')}</p> : null}
            <dl className="request-facts">
                {facts.map(([name, value]) =>
                    value === null ? null : (
                        <div
                            key={name}
                            className={
                                value.length > 48
                                    ? 'request-fact request-fact-long'
                                    : 'request-fact'
                            }
                        >
                            <dt>{name}</dt>
                            <dd>{value}</dd>
                        </div>
                    ),
                )}
            </dl>
        </div>
    );
}
