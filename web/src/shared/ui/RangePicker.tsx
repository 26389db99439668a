import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat, usePreferences } from '@/shared/lib/format';
import type { Preset, Range } from '@/shared/lib/range';
import { formatWall, PRESETS, parseWall, resolveRange } from '@/shared/lib/range';
import { Caret, Popover } from '@/shared/ui/Popover';

interface RangePickerProps {
    value: Range;
    onChange: (range: Range) => void;
    presets?: readonly Preset[];
}

/** Presets and a free range; what is chosen belongs into the URL (`useRange`). */
export function RangePicker({ value, onChange, presets = PRESETS }: RangePickerProps) {
    const { t } = useTranslation('common');
    const label = useRangeLabel(value);
    return (
        <Popover
            name={t('range.title')}
            title={t('range.current', { range: label })}
            label={
                <>
                    {label} <Caret />
                </>
            }
        >
            {(close) => (
                <>
                    <div className="range-presets">
                        {presets.map((preset) => (
                            <button
                                key={preset}
                                type="button"
                                className="menu-item"
                                aria-pressed={'preset' in value && value.preset === preset}
                                onClick={() => {
                                    onChange({ preset });
                                    close();
                                }}
                            >
                                {t(`range.${preset}`)}
                            </button>
                        ))}
                    </div>
                    <FreeRange
                        value={value}
                        onApply={(range) => {
                            onChange(range);
                            close();
                        }}
                    />
                </>
            )}
        </Popover>
    );
}

/** The range in words: a preset's name, or its two ends in the chosen zone. */
export function useRangeLabel(range: Range): string {
    const { t } = useTranslation('common');
    const { zone } = usePreferences();
    const format = useFormat();
    if ('preset' in range) return t(`range.${range.preset}`);
    const from = parseWall(range.from, zone) ?? 0;
    const to = parseWall(range.to, zone) ?? 0;
    const midnights = /T00:00$/.test(range.from) && /T00:00$/.test(range.to);
    if (midnights && format.fullDate(from) === format.fullDate(to - 1)) {
        return format.fullDate(from);
    }
    return midnights
        ? t('range.span', { from: format.date(from), to: format.date(to - 1) })
        : t('range.span', { from: format.dateTime(from), to: format.dateTime(to) });
}

function FreeRange({ value, onApply }: { value: Range; onApply: (range: Range) => void }) {
    const { t } = useTranslation('common');
    const { zone, weekStart } = usePreferences();
    const [ends, setEnds] = useState(() => {
        const resolved = resolveRange(value, Date.now(), zone, weekStart);
        return {
            from: formatWall(resolved.from, zone),
            to: formatWall(resolved.to ?? Date.now(), zone),
        };
    });
    const from = parseWall(ends.from, zone);
    const to = parseWall(ends.to, zone);
    const valid = from !== null && to !== null && from < to;
    return (
        <form
            className="range-free"
            onSubmit={(event) => {
                event.preventDefault();
                if (valid) onApply(ends);
            }}
        >
            <label>
                {t('range.from')}
                <input
                    className="input"
                    type="datetime-local"
                    required
                    value={ends.from}
                    onChange={(event) => setEnds({ ...ends, from: event.target.value })}
                />
            </label>
            <label>
                {t('range.to')}
                <input
                    className="input"
                    type="datetime-local"
                    required
                    value={ends.to}
                    onChange={(event) => setEnds({ ...ends, to: event.target.value })}
                />
            </label>
            <button type="submit" className="button" disabled={!valid}>
                {t('range.apply')}
            </button>
        </form>
    );
}
