/**
 * The table of every page: sortable, sticky head, right-aligned figures, totals, chosen columns, and
 * only the rows in sight in the document when there are many.
 */
import type { ReactNode } from 'react';
import { Fragment, memo, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Popover } from '@/shared/ui/Popover';

export interface Column<Row> {
    id: string;
    title: string;
    cell: (row: Row) => ReactNode;
    /** What to sort by; without it the column cannot be sorted. null sorts last. */
    value?: (row: Row) => number | string | null;
    /** Figures stand at the right end. */
    end?: boolean;
    /** Takes the room that is left, with an ellipsis. */
    grow?: boolean;
    /** Cell of the totals row. */
    total?: ReactNode;
    /** Not shown until chosen. */
    optional?: boolean;
    /** Left out on a phone. */
    wideOnly?: boolean;
}

export interface Sort {
    id: string;
    descending: boolean;
}

interface DataTableProps<Row> {
    /** Spoken name. */
    label: string;
    columns: readonly Column<Row>[];
    rows: readonly Row[];
    rowKey: (row: Row) => string;
    /** Enter and click on a row. Give the row's first cell a link too, for the keyboard. */
    onRow?: (row: Row) => void;
    /** Which rows `onRow` is for; left out: all. */
    leads?: (row: Row) => boolean;
    /** Sorting by the caller (the server): rows are then taken as they come. */
    sort?: Sort | null;
    onSort?: (sort: Sort) => void;
    initialSort?: Sort;
    /** Height of the scrolling area; needed for the sticky head and for many rows. */
    height?: number;
    /** Stands beside the column chooser. */
    tools?: ReactNode;
    /** Remembers the chosen columns in this browser under this name. */
    remember?: string;
    /** Called near the end of the list, to load more. */
    onEnd?: () => void;
    /** More about one row, shown below it; the row is scrolled into sight when it becomes the one. */
    detail?: { key: string | null; render: (row: Row) => ReactNode };
}

const ROW_HEIGHT = 38;
/** From here on a table with a height has only the rows in sight, and some around them. */
const MANY = 40;
const MARGIN = 12;
/** Scrolling renders anew every so many pixels, well inside the margin. */
const STEP = 4 * ROW_HEIGHT;

function compare(a: number | string | null, b: number | string | null): number {
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    return String(a).localeCompare(String(b));
}

/** Unknown stays last, whichever way the rest is sorted. */
export function sortRows<Row>(
    rows: readonly Row[],
    column: Column<Row> | undefined,
    descending: boolean,
): readonly Row[] {
    const value = column?.value;
    if (!value) return rows;
    return [...rows].sort((a, b) => {
        const left = value(a);
        const right = value(b);
        if (left === null || right === null) return compare(left, right);
        return descending ? compare(right, left) : compare(left, right);
    });
}

function storedColumns(name: string | undefined): string[] | null {
    if (!name) return null;
    try {
        const value: unknown = JSON.parse(localStorage.getItem(`tidemark.columns.${name}`) ?? '');
        return Array.isArray(value) ? value.map(String) : null;
    } catch {
        return null;
    }
}

export function DataTable<Row>(props: DataTableProps<Row>) {
    const { label, columns, rows, rowKey, onRow, height, remember, onEnd } = props;
    const [ownSort, setOwnSort] = useState<Sort | null>(props.initialSort ?? null);
    const sort = props.onSort ? (props.sort ?? null) : ownSort;
    const setSort = props.onSort ?? setOwnSort;
    const [chosen, setChosen] = useState<string[] | null>(() => storedColumns(remember));
    const [top, setTop] = useState(0);
    const scroller = useRef<HTMLDivElement>(null);

    const shown = useMemo(
        () => columns.filter((column) => (chosen ? chosen.includes(column.id) : !column.optional)),
        [columns, chosen],
    );
    const sorted = useMemo(
        () =>
            props.onSort
                ? rows
                : sortRows(
                      rows,
                      columns.find((column) => column.id === sort?.id),
                      sort?.descending ?? false,
                  ),
        [rows, columns, sort, props.onSort],
    );

    const openKey = props.detail?.key ?? null;
    const openIndex = openKey === null ? -1 : sorted.findIndex((row) => rowKey(row) === openKey);
    const [detailHeight, setDetailHeight] = useState(0);
    const measureDetail = useCallback((row: HTMLTableRowElement | null) => {
        if (row) setDetailHeight(row.offsetHeight);
    }, []);
    const windowed = height !== undefined && sorted.length > MANY;
    // What the detail takes of the scrolled part is no rows.
    const beyond = openIndex < 0 ? 0 : Math.max(0, top - (openIndex + 1) * ROW_HEIGHT);
    const at = top - Math.min(detailHeight, beyond);
    const first = windowed ? Math.max(0, Math.floor(at / ROW_HEIGHT) - MARGIN) : 0;
    const last = windowed
        ? Math.min(sorted.length, Math.ceil((at + height) / ROW_HEIGHT) + MARGIN)
        : sorted.length;
    const above = first * ROW_HEIGHT + (openIndex >= 0 && openIndex < first ? detailHeight : 0);
    const below = (sorted.length - last) * ROW_HEIGHT + (openIndex >= last ? detailHeight : 0);
    // Scrolls to the row whose detail was asked for elsewhere on the page.
    // biome-ignore lint/correctness/useExhaustiveDependencies: only when another row is asked for
    useEffect(() => {
        const box = scroller.current;
        if (!box || openIndex < 0 || height === undefined) return;
        const rowTop = openIndex * ROW_HEIGHT;
        if (rowTop < box.scrollTop || rowTop + 3 * ROW_HEIGHT > box.scrollTop + height) {
            box.scrollTop = rowTop - height / 4;
        }
    }, [openKey]);
    const hasTotals = shown.some((column) => column.total !== undefined);

    const choose = (id: string) => {
        const current = shown.map((column) => column.id);
        const next = current.includes(id)
            ? current.filter((other) => other !== id)
            : [...current, id];
        if (next.length === 0) return;
        setChosen(next);
        if (remember) localStorage.setItem(`tidemark.columns.${remember}`, JSON.stringify(next));
    };

    return (
        <div className="table-wrap">
            {columns.some((column) => column.optional) ? (
                <div className="table-tools">
                    {props.tools}
                    <ColumnChooser columns={columns} shown={shown} onToggle={choose} />
                </div>
            ) : null}
            <div
                ref={scroller}
                className="table-scroll"
                style={height === undefined ? undefined : { maxHeight: height }}
                // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by keyboard
                tabIndex={0}
                role="group"
                aria-label={label}
                onScroll={(event) => {
                    const at = event.currentTarget;
                    if (windowed) setTop(at.scrollTop - (at.scrollTop % STEP));
                    if (onEnd && at.scrollHeight - at.scrollTop - at.clientHeight < 400) onEnd();
                }}
            >
                <table className="table" aria-rowcount={windowed ? sorted.length + 1 : undefined}>
                    <caption className="sr-only">{label}</caption>
                    <thead>
                        <tr>
                            {shown.map((column) => (
                                <HeadCell
                                    key={column.id}
                                    column={column}
                                    sort={sort}
                                    onSort={setSort}
                                />
                            ))}
                        </tr>
                    </thead>
                    <tbody>
                        {above > 0 ? <Spacer height={above} span={shown.length} /> : null}
                        {sorted.slice(first, last).map((row, index) => (
                            <Fragment key={rowKey(row)}>
                                <BodyRow
                                    row={row}
                                    columns={shown}
                                    place={windowed ? first + index + 2 : undefined}
                                    onRow={props.leads?.(row) === false ? undefined : onRow}
                                />
                                {props.detail && first + index === openIndex ? (
                                    <tr ref={measureDetail} className="row-detail">
                                        <td colSpan={shown.length}>{props.detail.render(row)}</td>
                                    </tr>
                                ) : null}
                            </Fragment>
                        ))}
                        {below > 0 ? <Spacer height={below} span={shown.length} /> : null}
                    </tbody>
                    {hasTotals ? (
                        <tfoot>
                            <tr>
                                {shown.map((column) => (
                                    <td key={column.id} className={cellClass(column)}>
                                        {column.total}
                                    </td>
                                ))}
                            </tr>
                        </tfoot>
                    ) : null}
                </table>
            </div>
        </div>
    );
}

interface BodyRowProps<Row> {
    row: Row;
    columns: readonly Column<Row>[];
    place: number | undefined;
    onRow: ((row: Row) => void) | undefined;
}

function BodyRowPlain<Row>({ row, columns, place, onRow }: BodyRowProps<Row>) {
    return (
        <tr
            className={onRow ? 'row-link' : undefined}
            aria-rowindex={place}
            onClick={onRow ? () => onRow(row) : undefined}
        >
            {columns.map((column) => (
                <td key={column.id} className={cellClass(column)}>
                    {column.cell(row)}
                </td>
            ))}
        </tr>
    );
}

/** While scrolling, only the rows that come into sight are rendered. */
const BodyRow = memo(BodyRowPlain) as typeof BodyRowPlain;

function cellClass<Row>(column: Column<Row>): string | undefined {
    const names = [
        column.end ? 'end' : '',
        column.grow ? 'grow' : '',
        column.wideOnly ? 'wide-only' : '',
    ].filter(Boolean);
    return names.length > 0 ? names.join(' ') : undefined;
}

function Spacer({ height, span }: { height: number; span: number }) {
    return (
        <tr aria-hidden="true">
            <td colSpan={span} style={{ height, padding: 0, border: 0 }} />
        </tr>
    );
}

interface HeadCellProps<Row> {
    column: Column<Row>;
    sort: Sort | null;
    onSort: (sort: Sort) => void;
}

function HeadCell<Row>({ column, sort, onSort }: HeadCellProps<Row>) {
    const active = sort?.id === column.id ? sort : null;
    if (!column.value) {
        return (
            <th scope="col" className={cellClass(column)}>
                {column.title}
            </th>
        );
    }
    const direction = active ? (active.descending ? 'descending' : 'ascending') : undefined;
    return (
        <th scope="col" className={cellClass(column)} aria-sort={direction}>
            <button
                type="button"
                className="table-sort"
                onClick={() =>
                    onSort({
                        id: column.id,
                        descending: active ? !active.descending : column.end === true,
                    })
                }
            >
                {column.title}
                {active ? (
                    <span className="table-sort-mark" aria-hidden="true">
                        {active.descending ? '▼' : '▲'}
                    </span>
                ) : null}
            </button>
        </th>
    );
}

interface ColumnChooserProps<Row> {
    columns: readonly Column<Row>[];
    shown: readonly Column<Row>[];
    onToggle: (id: string) => void;
}

function ColumnChooser<Row>({ columns, shown, onToggle }: ColumnChooserProps<Row>) {
    const { t } = useTranslation('common');
    return (
        <Popover
            name={t('table.columns')}
            label={t('table.columns')}
            buttonClass="button button-quiet button-small"
            align="end"
        >
            {() =>
                columns.map((column) => (
                    <button
                        key={column.id}
                        type="button"
                        role="checkbox"
                        aria-checked={shown.includes(column)}
                        className="menu-item"
                        onClick={() => onToggle(column.id)}
                    >
                        {column.title}
                        <span className="menu-item-end" aria-hidden="true">
                            {shown.includes(column) ? '✓' : ''}
                        </span>
                    </button>
                ))
            }
        </Popover>
    );
}
