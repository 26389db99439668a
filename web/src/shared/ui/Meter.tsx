interface MeterProps {
    /** Measured share, 0 to 1 and beyond. */
    value: number;
    /** Where it will be in the end; drawn hatched behind the measured part. */
    forecast?: number | null;
    tone?: 'normal' | 'warning' | 'over';
    /** What the bar says, for screen readers. */
    label: string;
}

const TONES = { normal: 'var(--accent)', warning: 'var(--warn)', over: 'var(--over)' };

/** Solid = measured, hatched = forecast. */
export function Meter({ value, forecast, tone = 'normal', label }: MeterProps) {
    const filled = Math.min(1, Math.max(0, value));
    const end = Math.min(1, Math.max(filled, forecast ?? 0));
    const color = { '--meter': TONES[tone] } as React.CSSProperties;
    return (
        <div className="meter" role="img" aria-label={label} style={color}>
            <div
                className="meter-forecast"
                style={{ left: `${filled * 100}%`, width: `${(end - filled) * 100}%` }}
            />
            <div className="meter-fill" style={{ width: `${filled * 100}%` }} />
        </div>
    );
}
