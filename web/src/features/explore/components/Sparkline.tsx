/** A row's cost over the range, from zero to its own highest point. Decoration: the figures say it. */
interface SparklineProps {
    values: readonly number[] | null;
    width?: number;
    height?: number;
}

export function sparkPoints(values: readonly number[], width: number, height: number): string {
    const most = Math.max(...values, 0);
    const step = values.length > 1 ? width / (values.length - 1) : 0;
    return values
        .map((value, index) => {
            const y = most > 0 ? height - 1 - (value / most) * (height - 2) : height - 1;
            return `${(index * step).toFixed(1)},${y.toFixed(1)}`;
        })
        .join(' ');
}

export function Sparkline({ values, width = 112, height = 22 }: SparklineProps) {
    if (!values || values.length < 2) return null;
    return (
        <svg className="explore-spark" width={width} height={height} aria-hidden="true">
            <polyline
                points={sparkPoints(values, width, height)}
                fill="none"
                stroke="var(--accent)"
                strokeWidth="1.3"
                strokeLinejoin="round"
            />
        </svg>
    );
}
