/**
 * A small fixed grid of coloured cells, as SVG: unlike a canvas its cells can be reached with the
 * arrow keys and read out one by one. Takes the width there is, down to cells of `MIN_CELL`; below
 * that it scrolls sideways and shows the newest end first.
 */
import type { Ref } from 'react';
import {
    useDeferredValue,
    useEffect,
    useImperativeHandle,
    useLayoutEffect,
    useMemo,
    useRef,
    useState,
} from 'react';
import { mix } from '@/shared/charts/palette';
import type { HeatCell, PreparedHeat } from '@/shared/charts/prepare/heat';
import { readTokens } from '@/shared/charts/theme';
import './heat.css';

interface HeatGridProps {
    heat: PreparedHeat;
    /** What the grid says, in a sentence. */
    summary: string;
    /** A cell's time in words. */
    name: (cell: HeatCell) => string;
    value: (cell: HeatCell) => string;
    onPick?: (cell: HeatCell) => void;
    /** The cell that the view is about. */
    chosen?: (cell: HeatCell) => boolean;
    /** `light` or `dark`: the colours are read again when it changes. */
    theme: string;
    svg?: Ref<SVGSVGElement>;
}

const LEFT = 32;
const TOP = 20;
const ROW = 16;
const GAP = 2;
const MIN_CELL = 10;
const MAX_CELL = 34;

/** Nothing is the rule's colour; from there towards the accent. */
export function shade(level: number, accent: string, surface: string, line: string): string {
    return level <= 0 ? line : mix(surface, accent, 0.22 + 0.78 * level);
}

const idOf = (cell: HeatCell) => `${cell.column}.${cell.row}`;

const rowText = (row: number) => TOP + row * ROW + 11;

export function HeatGrid(props: HeatGridProps) {
    const { heat, summary, name, value, onPick, chosen, theme } = props;
    const root = useRef<HTMLDivElement>(null);
    const scroller = useRef<HTMLDivElement>(null);
    const svg = useRef<SVGSVGElement>(null);
    const [boxWidth, setWidth] = useState(0);
    // The page is on the screen first, then its hundreds of cells are made.
    const width = useDeferredValue(boxWidth);
    const [at, setAt] = useState<{ cell: HeatCell; x: number; y: number } | null>(null);
    const [focus, setFocus] = useState<string | null>(null);
    useImperativeHandle(props.svg, () => svg.current as SVGSVGElement);

    // Follows the box's width.
    useLayoutEffect(() => {
        const box = root.current;
        if (!box) return;
        const watch = new ResizeObserver(() => setWidth(box.clientWidth));
        setWidth(box.clientWidth);
        watch.observe(box);
        return () => watch.disconnect();
    }, []);
    // The newest days stand at the right end.
    const overflowing = width > 0 && (width - LEFT) / heat.columns < MIN_CELL;
    // What scrolls leaves the names of the rows behind, beside it, and begins with a whole cell.
    const left = overflowing ? 0 : LEFT;
    useEffect(() => {
        const box = scroller.current;
        if (box && overflowing) box.scrollLeft = box.scrollWidth;
    }, [overflowing]);

    // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes what the tokens say
    const tokens = useMemo(() => readTokens(), [theme]);
    const cellWidth = Math.min(MAX_CELL, Math.max(MIN_CELL, (width - LEFT) / heat.columns));
    const full = left + cellWidth * heat.columns;
    const height = TOP + ROW * heat.rows;
    const byId = useMemo(() => new Map(heat.cells.map((cell) => [idOf(cell), cell])), [heat]);
    const last = heat.cells[heat.cells.length - 1];
    const tabStop = focus !== null && byId.has(focus) ? focus : last ? idOf(last) : '';

    const show = (cell: HeatCell | undefined, element: Element | null) => {
        const box = root.current?.getBoundingClientRect();
        const from = element?.getBoundingClientRect();
        if (!cell || !box || !from) {
            setAt(null);
            return;
        }
        setAt({ cell, x: from.left + from.width / 2 - box.left, y: from.top - box.top });
    };
    const cellOf = (target: EventTarget): HeatCell | undefined =>
        byId.get((target as Element).getAttribute?.('data-cell') ?? '');
    const walk = (event: React.KeyboardEvent<HTMLDivElement>) => {
        const from = cellOf(event.target);
        if (!from) return;
        const step = {
            ArrowLeft: [-1, 0],
            ArrowRight: [1, 0],
            ArrowUp: [0, -1],
            ArrowDown: [0, 1],
        }[event.key];
        if (step) {
            event.preventDefault();
            const id = `${from.column + (step[0] ?? 0)}.${from.row + (step[1] ?? 0)}`;
            svg.current?.querySelector<SVGElement>(`[data-cell="${id}"]`)?.focus();
        } else if (onPick && (event.key === 'Enter' || event.key === ' ')) {
            event.preventDefault();
            onPick(from);
        }
    };

    const measured = width > 0;
    // Hundreds of cells: made anew when their figures change, not when the pointer moves over them.
    const cells = useMemo(
        () =>
            // Nothing to place them by before the box is measured.
            Array.from({ length: measured ? heat.rows : 0 }, (_, row) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows are weekdays
                <g role="row" key={row}>
                    {heat.cells
                        .filter((cell) => cell.row === row)
                        .map((cell) => {
                            const id = idOf(cell);
                            const picked = chosen?.(cell) === true;
                            const { level } = cell;
                            const edge = picked ? tokens.ink : level === null ? tokens.line : null;
                            return (
                                <rect
                                    key={id}
                                    data-cell={id}
                                    role="gridcell"
                                    tabIndex={id === tabStop ? 0 : -1}
                                    aria-label={`${name(cell)}: ${value(cell)}`}
                                    aria-selected={picked || undefined}
                                    x={left + cell.column * cellWidth + GAP / 2}
                                    y={TOP + row * ROW + GAP / 2}
                                    width={cellWidth - GAP}
                                    height={ROW - GAP}
                                    rx={2.5}
                                    fill={
                                        level === null
                                            ? 'none'
                                            : shade(
                                                  level,
                                                  tokens.accent,
                                                  tokens.surface,
                                                  tokens.line,
                                              )
                                    }
                                    {...(edge
                                        ? { stroke: edge, strokeWidth: picked ? 1.5 : 1 }
                                        : {})}
                                />
                            );
                        })}
                </g>
            )),
        [measured, heat, tokens, left, cellWidth, tabStop, name, value, chosen],
    );
    return (
        <div className="heat" ref={root}>
            <div
                className={onPick ? 'heat-scroll heat-picks' : 'heat-scroll'}
                ref={scroller}
                style={overflowing ? { marginLeft: LEFT + ((width - LEFT) % MIN_CELL) } : undefined}
                role="grid"
                aria-label={summary}
                onKeyDown={walk}
                onPointerOver={(event) => show(cellOf(event.target), event.target as Element)}
                onPointerLeave={() => setAt(null)}
                onFocus={(event) => {
                    const cell = cellOf(event.target);
                    if (cell) setFocus(idOf(cell));
                    show(cell, event.target);
                }}
                onBlur={() => setAt(null)}
                onClick={(event) => {
                    const cell = cellOf(event.target);
                    if (cell && onPick) onPick(cell);
                }}
            >
                {measured ? (
                    <svg
                        ref={svg}
                        width={full}
                        height={height}
                        viewBox={`0 0 ${full} ${height}`}
                        role="presentation"
                    >
                        <g aria-hidden="true" fontSize="11" fill={tokens.quiet}>
                            {heat.columnLabels.map((label) => (
                                <text key={label.index} x={left + label.index * cellWidth} y={11}>
                                    {label.text}
                                </text>
                            ))}
                            {overflowing
                                ? null
                                : heat.rowLabels.map((label) => (
                                      <text key={label.index} x={0} y={rowText(label.index)}>
                                          {label.text}
                                      </text>
                                  ))}
                        </g>
                        {cells}
                    </svg>
                ) : null}
            </div>
            {overflowing ? (
                <svg className="heat-rows" width={LEFT} height={height} aria-hidden="true">
                    {heat.rowLabels.map((label) => (
                        <text
                            key={label.index}
                            x={0}
                            y={rowText(label.index)}
                            fontSize="11"
                            fill={tokens.quiet}
                        >
                            {label.text}
                        </text>
                    ))}
                </svg>
            ) : null}
            {at ? (
                <div
                    className={at.x > width * 0.6 ? 'heat-tip heat-tip-left' : 'heat-tip'}
                    style={{ left: at.x, top: at.y }}
                    aria-hidden="true"
                >
                    <span>{name(at.cell)}</span>
                    <b>{value(at.cell)}</b>
                </div>
            ) : null}
        </div>
    );
}
