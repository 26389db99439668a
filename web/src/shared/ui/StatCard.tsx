import type { ReactNode } from 'react';
import { Hint } from '@/shared/ui/Hint';

export type Tone = 'normal' | 'warning' | 'over' | 'ok' | 'quiet';

export function StatRow({ label, children }: { label: string; children: ReactNode }) {
    return (
        <section className="stat-row" aria-label={label}>
            {children}
        </section>
    );
}

interface StatCardProps {
    label: ReactNode;
    /** null = unknown: shown as a dash with `full` as the reason. */
    value: string | null;
    unit?: ReactNode;
    /** Full precision, source and gap; shown on hover, focus or tap. */
    full: string;
    /** Estimated or incomplete: the figure gets a dotted underline. */
    inexact?: boolean;
    tone?: Tone;
    note?: ReactNode;
}

export function StatCard({ label, value, unit, full, inexact, tone, note }: StatCardProps) {
    const toneClass = tone && tone !== 'normal' ? ` tone-${tone}` : '';
    return (
        <div className="stat">
            <div className="stat-label">{label}</div>
            <div className={`stat-value${toneClass}`}>
                <Hint text={full} mark={inexact ?? false}>
                    {value ?? '—'}
                </Hint>
                {unit && value !== null ? <small>{unit}</small> : null}
            </div>
            <div className="stat-note">{note}</div>
        </div>
    );
}

interface ChangeProps {
    /** The new figure's change against the old, as a ratio; null = nothing to compare with. */
    ratio: number | null;
    text: string;
    /** Whether more is bad (money) or good (cache hits); null = neither. */
    more: 'bad' | 'good' | null;
}

/** ▲ 12%: direction by the mark, judgement by the colour, never by colour alone. */
export function Change({ ratio, text, more }: ChangeProps) {
    if (ratio === null) return null;
    const flat = Math.abs(ratio) < 0.0005;
    const up = ratio > 0;
    let tone = 'tone-quiet';
    if (!flat && more !== null) tone = up === (more === 'bad') ? 'tone-over' : 'tone-ok';
    return (
        <span className={tone}>
            <span aria-hidden="true">{flat ? '' : up ? '▲ ' : '▼ '}</span>
            {text}
        </span>
    );
}
