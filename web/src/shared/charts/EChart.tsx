/**
 * The one owner of ECharts instances.
 *
 * The canvas lies in an absolutely placed box: a canvas has a fixed size, and inside the flow it
 * would keep its grid column from ever shrinking again. An instance is made when the box has a size
 * and is in sight, follows the box's size, and is disposed with the element. Options replace the
 * series and merge the rest, so that live data appends instead of drawing anew from empty.
 */
import type { Ref } from 'react';
import { useEffect, useImperativeHandle, useRef } from 'react';
import { init, use } from './echarts';
import type { ChartHandle, ChartInstance, OptionBuilder } from './option';

interface EChartProps {
    build: OptionBuilder;
    height: number;
    /** What the chart says, in a sentence, for those who do not see it. */
    summary: string;
    /** Change it to start over with a fresh instance (another kind of chart, another theme). */
    kind?: string;
    /** Click on the plot: index of the category under the pointer, and the series under it if any. */
    onPick?: (index: number, series: string | null) => void;
    /** Drag over categories `first` to `last`. */
    onZoom?: (first: number, last: number) => void;
    handle?: Ref<ChartHandle>;
}

const DRAG = 8;

export default function EChart(props: EChartProps) {
    const { build, height, summary, kind, handle } = props;
    const box = useRef<HTMLDivElement>(null);
    const chart = useRef<ChartInstance | null>(null);
    const latest = useRef(props);
    latest.current = props;
    const draw = useRef<() => void>(() => undefined);

    // Owns the instance: synchronises with the element's size and visibility.
    // biome-ignore lint/correctness/useExhaustiveDependencies: `kind` asks for a new instance
    useEffect(() => {
        const element = box.current;
        if (!element) return;
        let visible = false;
        let stale = true;
        let drawnWidth = 0;
        const paint = () => {
            const { clientWidth, clientHeight } = element;
            if (!visible || clientWidth === 0 || clientHeight === 0) {
                stale = true;
                return;
            }
            if (!chart.current) {
                chart.current = init(element, null, { renderer: 'canvas' });
                listen(chart.current, latest);
            }
            stale = false;
            drawnWidth = clientWidth;
            chart.current.setOption(latest.current.build(clientWidth), {
                replaceMerge: ['series'],
                lazyUpdate: true,
            });
        };
        draw.current = paint;
        const sight = new IntersectionObserver(
            ([entry]) => {
                visible = entry?.isIntersecting ?? false;
                if (visible && stale) paint();
            },
            { rootMargin: '120px' },
        );
        const size = new ResizeObserver(() => {
            if (element.clientWidth === 0) return;
            chart.current?.resize({ animation: { duration: 0 } });
            if (element.clientWidth !== drawnWidth) paint();
        });
        sight.observe(element);
        size.observe(element);
        return () => {
            sight.disconnect();
            size.disconnect();
            chart.current?.dispose();
            chart.current = null;
        };
    }, [kind]);

    // Hands new options to the instance.
    // biome-ignore lint/correctness/useExhaustiveDependencies: the latest builder is read from a ref
    useEffect(() => draw.current(), [build]);

    useImperativeHandle(handle, () => ({
        png: () =>
            chart.current?.getDataURL({
                type: 'png',
                pixelRatio: 2,
                backgroundColor: getComputedStyle(document.documentElement)
                    .getPropertyValue('--surface')
                    .trim(),
            }) ?? '',
        svg: async () => {
            const { SVGRenderer } = await import('echarts/renderers');
            use([SVGRenderer]);
            const width = box.current?.clientWidth ?? 800;
            const still = init(null, null, { renderer: 'svg', ssr: true, width, height });
            still.setOption({ ...latest.current.build(width), animation: false });
            const text = still.renderToSVGString();
            still.dispose();
            return text;
        },
    }));

    return (
        <div className="chart-box" style={{ minHeight: height }} role="img" aria-label={summary}>
            <div ref={box} className="chart-canvas" aria-hidden="true" />
        </div>
    );
}

/** A click on a line between its points tells only the series' place. */
function lineId(chart: ChartInstance, index: number | undefined): string | null {
    const series = chart.getOption()['series'] as { id?: string }[] | undefined;
    return (index === undefined ? undefined : series?.[index]?.id) ?? null;
}

/** Click and drag, on the grid of the first axes. */
function listen(chart: ChartInstance, latest: { current: EChartProps }): void {
    const surface = chart.getZr();
    let start: { x: number; index: number } | null = null;
    let mark: HTMLDivElement | null = null;
    const indexAt = (x: number, y: number): number | null => {
        if (!chart.containPixel({ gridIndex: 0 }, [x, y])) return null;
        const at = chart.convertFromPixel({ xAxisIndex: 0 }, x) as unknown;
        return typeof at === 'number' ? at : null;
    };
    surface.on('mousedown', (event) => {
        const index = indexAt(event.offsetX, event.offsetY);
        start = index === null ? null : { x: event.offsetX, index };
    });
    surface.on('mousemove', (event) => {
        if (!start || !latest.current.onZoom) return;
        const width = event.offsetX - start.x;
        if (!mark && Math.abs(width) < DRAG) return;
        if (!mark) {
            mark = document.createElement('div');
            mark.className = 'chart-drag';
            chart.getDom().append(mark);
        }
        mark.style.left = `${Math.min(start.x, event.offsetX)}px`;
        mark.style.width = `${Math.abs(width)}px`;
    });
    const end = (x: number, y: number) => {
        const from = start;
        start = null;
        mark?.remove();
        const dragged = mark !== null;
        mark = null;
        if (!from || !dragged) return;
        const last = indexAt(x, y);
        if (last === null) return;
        latest.current.onZoom?.(Math.min(from.index, last), Math.max(from.index, last));
    };
    surface.on('mouseup', (event) => end(event.offsetX, event.offsetY));
    surface.on('globalout', () => {
        start = null;
        mark?.remove();
        mark = null;
    });
    let picked: string | null = null;
    chart.on('click', (event) => {
        picked =
            typeof event.seriesId === 'string' ? event.seriesId : lineId(chart, event.seriesIndex);
    });
    // The library makes no click of a drag.
    surface.on('click', (event) => {
        const series = picked;
        picked = null;
        const index = indexAt(event.offsetX, event.offsetY);
        // The series' own click comes after the surface's.
        setTimeout(() => {
            if (index !== null) latest.current.onPick?.(index, picked ?? series);
            picked = null;
        }, 0);
    });
}
