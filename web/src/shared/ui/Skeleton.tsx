/** Grey shapes of what is loading. They are decoration: the region around them is `aria-busy`. */
const BARS = [30, 42, 38, 55, 64, 58, 76, 88, 70, 62, 80, 92, 74, 60, 46, 52, 40, 34];

export function SkeletonChart({ height }: { height: number }) {
    return (
        <div className="skeleton-bars" style={{ height }} aria-hidden="true">
            {BARS.map((bar, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list of shapes
                <span key={index} className="skeleton" style={{ height: `${bar}%` }} />
            ))}
        </div>
    );
}

export function SkeletonRows({ rows = 5 }: { rows?: number }) {
    return (
        <div className="skeleton-lines" aria-hidden="true">
            {Array.from({ length: rows }, (_, index) => (
                <span
                    // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list of shapes
                    key={index}
                    className="skeleton"
                    style={{ height: 14, width: `${92 - ((index * 17) % 40)}%` }}
                />
            ))}
        </div>
    );
}

export function SkeletonStats({ count = 5 }: { count?: number }) {
    return (
        <div className="stat-row" aria-hidden="true">
            {Array.from({ length: count }, (_, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list of shapes
                <div className="stat" key={index}>
                    <span className="skeleton" style={{ height: 12, width: 64, margin: '4px 0' }} />
                    <span
                        className="skeleton"
                        style={{ height: 26, width: 108, margin: '6px 0' }}
                    />
                    <span
                        className="skeleton"
                        style={{ height: 12, width: 132, margin: '4px 0' }}
                    />
                </div>
            ))}
        </div>
    );
}
