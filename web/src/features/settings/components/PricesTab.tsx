import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { OverrideDialog } from '@/features/settings/components/OverrideDialog';
import type { Draft } from '@/features/settings/lib/overrides';
import {
    currentRow,
    draftFor,
    PRICE_FIELDS,
    withOverride,
    withoutOverride,
} from '@/features/settings/lib/overrides';
import { useAccess } from '@/shared/api/access';
import type { PutPriceOverridesApiResponse } from '@/shared/api/generated';
import { useGetPricesQuery, usePutPriceOverridesMutation } from '@/shared/api/generated';
import type { PriceBook, PriceOverride } from '@/shared/api/model';
import { decimal } from '@/shared/lib/decimal';
import { useFormat } from '@/shared/lib/format';
import type { Column } from '@/shared/ui/DataTable';
import { DataTable } from '@/shared/ui/DataTable';
import { useEntityLabel } from '@/shared/ui/labels';
import { Panel } from '@/shared/ui/Panel';
import { SkeletonRows } from '@/shared/ui/Skeleton';
import { ErrorPanel } from '@/shared/ui/States';

type Model = PriceBook['models'][number];
type Unknown = PriceBook['unknown_models'][number];

interface Done {
    result: PutPriceOverridesApiResponse;
    /** The list before, for taking the change back. */
    before: PriceOverride[];
}

/** List prices are USD per million tokens, whatever currency figures are shown in. */
function usd(value: number): string {
    return `$${decimal(value, { least: 2, most: 4 })}`;
}

export function PricesTab() {
    const { t } = useTranslation('settings');
    const { data, error, refetch } = useGetPricesQuery();
    const mayChange = useAccess().may('manage_all');
    const [put, { error: refused, isLoading }] = usePutPriceOverridesMutation();
    const [draft, setDraft] = useState<Draft | null>(null);
    const [done, setDone] = useState<Done | null>(null);
    const [now] = useState(Date.now);

    if (!data) {
        return (
            <Panel title={t('prices.title')}>
                {error ? <ErrorPanel error={error} onRetry={refetch} /> : <SkeletonRows rows={8} />}
            </Panel>
        );
    }
    const send = async (overrides: PriceOverride[]) => {
        const before = data.overrides;
        try {
            const result = await put({ priceOverrides: { overrides } }).unwrap();
            setDone({ result, before });
            setDraft(null);
            void refetch();
        } catch {
            // `refused` says why, in the dialog.
        }
    };
    const edit = mayChange ? (model: string) => setDraft(draftFor(model, data, now)) : null;
    return (
        <div className="stack">
            {done ? (
                <Repriced
                    done={done}
                    onUndo={() => send(done.before)}
                    onClose={() => setDone(null)}
                />
            ) : null}
            {data.unknown_models.length > 0 ? (
                <UnknownModels models={data.unknown_models} onEdit={edit} />
            ) : null}
            <Panel
                title={t('prices.title')}
                sub={t('prices.sub', { version: data.book_version })}
                actions={
                    edit ? (
                        <button
                            type="button"
                            className="button button-small"
                            onClick={() => edit('')}
                        >
                            {t('prices.add')}
                        </button>
                    ) : null
                }
            >
                <PriceTable book={data} now={now} onEdit={edit} />
            </Panel>
            {draft ? (
                <OverrideDialog
                    draft={draft}
                    book={data}
                    busy={isLoading}
                    error={refused}
                    onChange={setDraft}
                    onSave={(override) => void send(withOverride(data.overrides, override))}
                    onRemove={
                        data.overrides.some((one) => one.model === draft.model)
                            ? () => void send(withoutOverride(data.overrides, draft.model))
                            : null
                    }
                    onClose={() => setDraft(null)}
                />
            ) : null}
        </div>
    );
}

interface PriceTableProps {
    book: PriceBook;
    now: number;
    /** null: not for whoever looks. */
    onEdit: ((model: string) => void) | null;
}

function PriceTable({ book, now, onEdit }: PriceTableProps) {
    const { t } = useTranslation('settings');
    const known = new Set(book.models.map((model) => model.id));
    // An override may be for a model the book does not have.
    const own = book.overrides.filter((one) => !known.has(one.model));
    const columns: Column<Model>[] = [
        {
            id: 'model',
            title: t('prices.model'),
            value: (model) => model.label,
            cell: (model) => (
                <span className="named" title={[model.id, ...model.aliases].join('\n')}>
                    <span>{model.label}</span>
                    {model.overridden ? <span className="tag">{t('prices.yours')}</span> : null}
                </span>
            ),
        },
        ...PRICE_FIELDS.map(
            (field): Column<Model> => ({
                id: field,
                title: t(`price.${field}`),
                end: true,
                // On a phone the button beside the row shows them all.
                wideOnly: field !== 'input' && field !== 'output',
                value: (model) => currentRow(model.rows, now)?.[field] ?? null,
                cell: (model) => {
                    const row = currentRow(model.rows, now);
                    return row ? usd(row[field]) : '—';
                },
            }),
        ),
        {
            id: 'edit',
            title: t('prices.change'),
            end: true,
            cell: (model) => (
                <button
                    type="button"
                    className="button button-quiet button-small"
                    aria-label={t('prices.change_of', { model: model.label })}
                    onClick={() => onEdit?.(model.id)}
                >
                    {t('prices.change')}
                </button>
            ),
        },
    ];
    return (
        <>
            <DataTable
                label={t('prices.title')}
                columns={columns.filter((one) => onEdit || one.id !== 'edit')}
                rows={book.models}
                rowKey={(model) => model.id}
            />
            {own.length > 0 ? (
                <ul className="own-prices">
                    {own.map((one) => (
                        <li key={one.model}>
                            <span>{one.model}</span>
                            <span className="tag">{t('prices.yours')}</span>
                            {onEdit ? (
                                <button
                                    type="button"
                                    className="button button-quiet button-small"
                                    aria-label={t('prices.change_of', { model: one.model })}
                                    onClick={() => onEdit(one.model)}
                                >
                                    {t('prices.change')}
                                </button>
                            ) : null}
                        </li>
                    ))}
                </ul>
            ) : null}
        </>
    );
}

interface UnknownModelsProps {
    models: readonly Unknown[];
    /** null: not for whoever looks. */
    onEdit: ((model: string) => void) | null;
}

function UnknownModels({ models, onEdit }: UnknownModelsProps) {
    const { t } = useTranslation('settings');
    const format = useFormat();
    const columns: Column<Unknown>[] = [
        { id: 'model', title: t('prices.model'), grow: true, cell: (one) => one.model },
        {
            id: 'requests',
            title: t('unknown.requests'),
            end: true,
            wideOnly: true,
            cell: (one) => format.count(one.requests),
        },
        {
            id: 'tokens',
            title: t('unknown.tokens'),
            end: true,
            cell: (one) => format.tokens(one.tokens),
        },
        {
            id: 'first',
            title: t('unknown.first'),
            end: true,
            wideOnly: true,
            cell: (one) => format.dateTime(one.first_seen),
        },
        {
            id: 'set',
            title: t('prices.change'),
            end: true,
            cell: (one) => (
                <button
                    type="button"
                    className="button button-small"
                    aria-label={t('unknown.set_of', { model: one.model })}
                    onClick={() => onEdit?.(one.model)}
                >
                    {t('unknown.set')}
                </button>
            ),
        },
    ];
    return (
        <Panel title={t('unknown.title')} sub={t('unknown.sub')}>
            <DataTable
                label={t('unknown.title')}
                columns={columns.filter((one) => onEdit || one.id !== 'set')}
                rows={models}
                rowKey={(one) => one.model}
            />
        </Panel>
    );
}

interface RepricedProps {
    done: Done;
    onUndo: () => void;
    onClose: () => void;
}

/** What the new prices did to everything recorded, and the way back. */
function Repriced({ done, onUndo, onClose }: RepricedProps) {
    const { t } = useTranslation('settings');
    const format = useFormat();
    const label = useEntityLabel();
    const { result } = done;
    return (
        <Panel
            title={t('repriced.title', { count: result.repriced_requests })}
            actions={
                <>
                    <button type="button" className="button button-small" onClick={onUndo}>
                        {t('repriced.undo')}
                    </button>
                    <button
                        type="button"
                        className="button button-quiet button-small"
                        onClick={onClose}
                    >
                        {t('repriced.close')}
                    </button>
                </>
            }
        >
            <dl className="facts" aria-live="polite">
                <div>
                    <dt>{t('repriced.all')}</dt>
                    <dd>
                        {t('repriced.change', {
                            before: format.money(result.cost_before),
                            after: format.money(result.cost_after),
                        })}
                    </dd>
                </div>
                {result.changed_models.map((one) => (
                    <div key={one.model}>
                        <dt>{label('model', one.model)}</dt>
                        <dd>
                            {t('repriced.change', {
                                before: format.money(one.before),
                                after: format.money(one.after),
                            })}
                        </dd>
                    </div>
                ))}
            </dl>
        </Panel>
    );
}
