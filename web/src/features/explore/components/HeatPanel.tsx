/** A panel with a grid of coloured cells and what belongs to one: scale, table, files, four states. */
import type { ReactNode } from 'react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ChartMenu } from '@/shared/charts/ChartMenu';
import { HeatGrid, shade } from '@/shared/charts/HeatGrid';
import { svgPng, svgText } from '@/shared/charts/picture';
import { toCsv } from '@/shared/charts/prepare/csv';
import type { HeatCell, PreparedHeat } from '@/shared/charts/prepare/heat';
import { readTokens } from '@/shared/charts/theme';
import { formatUnit, useFormat, usePreferences } from '@/shared/lib/format';
import type { Column } from '@/shared/ui/DataTable';
import { DataTable } from '@/shared/ui/DataTable';
import { Panel } from '@/shared/ui/Panel';
import { EmptyState, ErrorPanel } from '@/shared/ui/States';

interface HeatPanelProps {
    title: string;
    sub: string;
    file: string;
    heat: PreparedHeat | null;
    /** Another view's cells are shown for the moment. */
    stale: boolean;
    error: unknown;
    onRetry: () => void;
    /** The cell's time in words, and as a column of the table and the file. */
    name: (cell: HeatCell) => string;
    timeTitle: string;
    valueTitle: string;
    /** What to do when nothing was used. */
    emptyText: string;
    /** Why nothing is shown although something may have been used. */
    withheld: string | null;
    fileTime: (cell: HeatCell) => string;
    onPick?: (cell: HeatCell) => void;
    chosen?: (cell: HeatCell) => boolean;
    /** Instead of the grid: why there is none. */
    instead?: string;
    foot?: ReactNode;
}

const SCALE = [0, 0.25, 0.5, 0.75, 1];

export function HeatPanel(props: HeatPanelProps) {
    const { title, sub, file, heat, error, onRetry, name, onPick, chosen, instead } = props;
    const { t } = useTranslation(['explore', 'common']);
    const format = useFormat();
    const { theme } = usePreferences();
    const [asTable, setAsTable] = useState(false);
    const svg = useRef<SVGSVGElement>(null);
    const value = (cell: HeatCell) =>
        heat && cell.value !== null ? formatUnit(format, heat.unit, cell.value) : t('heat.unknown');

    let body: ReactNode;
    if (instead) {
        body = <EmptyState title={instead} />;
    } else if (!heat) {
        body = error ? (
            <ErrorPanel error={error} onRetry={onRetry} />
        ) : (
            <div className="skeleton explore-heat-skeleton" aria-hidden="true" />
        );
    } else if (heat.empty) {
        body = props.withheld ? (
            <EmptyState title={props.withheld} />
        ) : (
            <EmptyState
                title={t('nothing.none', { metric: props.valueTitle })}
                text={props.emptyText}
            />
        );
    } else if (asTable) {
        const columns: Column<HeatCell>[] = [
            {
                id: 'time',
                title: props.timeTitle,
                cell: name,
                value: (cell) => (cell.span ? cell.span[0] : cell.row * 24 + cell.column),
            },
            {
                id: 'value',
                title: props.valueTitle,
                cell: value,
                value: (cell) => cell.value,
                end: true,
            },
        ];
        body = (
            <DataTable
                label={`${title}, ${sub}`}
                columns={columns}
                rows={inOrder(heat.cells)}
                rowKey={(cell) => `${cell.column}.${cell.row}`}
                height={150}
            />
        );
    } else {
        const peak = heat.peak;
        body = (
            <>
                <HeatGrid
                    heat={heat}
                    theme={theme}
                    svg={svg}
                    name={name}
                    value={value}
                    summary={
                        peak
                            ? t('heat.summary', {
                                  title,
                                  sub,
                                  peak: value(peak),
                                  time: name(peak),
                              })
                            : `${title}, ${sub}`
                    }
                    {...(onPick ? { onPick } : {})}
                    {...(chosen ? { chosen } : {})}
                />
                <div className="explore-heat-foot">
                    {props.foot}
                    <Scale theme={theme} />
                </div>
            </>
        );
    }
    return (
        <Panel
            title={title}
            sub={sub}
            className={props.stale ? 'explore-stale' : ''}
            busy={props.stale}
            actions={
                heat && !heat.empty && !instead ? (
                    <ChartMenu
                        file={file}
                        asTable={asTable}
                        onAsTable={setAsTable}
                        png={() => (svg.current ? svgPng(svg.current) : '')}
                        svg={() => (svg.current ? svgText(svg.current) : '')}
                        csv={() =>
                            toCsv({
                                head: [props.timeTitle, props.valueTitle],
                                rows: inOrder(heat.cells).map((cell) => [
                                    props.fileTime(cell),
                                    cell.value,
                                ]),
                            })
                        }
                    />
                ) : null
            }
        >
            {body}
        </Panel>
    );
}

/** Days as they came; hours day by day. */
function inOrder(cells: readonly HeatCell[]): HeatCell[] {
    return [...cells].sort((a, b) =>
        a.span && b.span ? a.span[0] - b.span[0] : a.row * 24 + a.column - (b.row * 24 + b.column),
    );
}

function Scale({ theme }: { theme: string }) {
    const { t } = useTranslation(['explore', 'common']);
    const tokens = readTokens();
    return (
        <span className="explore-scale" data-theme-read={theme} aria-hidden="true">
            {t('heat.less')}
            {SCALE.map((level) => (
                <i
                    key={level}
                    style={{
                        background: shade(level, tokens.accent, tokens.surface, tokens.line),
                    }}
                />
            ))}
            {t('heat.more')}
        </span>
    );
}
