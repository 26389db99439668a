/** Which bucket starts get a label on the axis, and what it says. Pure. */
import { timeFormat } from '@/shared/lib/time';
import { toWall, weekday } from '@/shared/lib/zone';

const DAY = 86_400_000;

export interface AxisLabel {
    index: number;
    text: string;
}

const HOUR_STEPS = [1 / 12, 1 / 4, 1 / 2, 1, 2, 3, 4, 6, 12];

/**
 * At most `most` labels, on round times: whole hours, midnights, Mondays, months' firsts. Inside a
 * day the clock; a midnight inside a range of several days the date.
 */
export function axisLabels(
    starts: readonly number[],
    end: number,
    language: string,
    zone: string,
    most: number,
): AxisLabel[] {
    const first = starts[0];
    if (first === undefined) return [];
    const span = end - first;
    const bucket = starts.length > 1 ? (starts[1] ?? end) - first : span;
    if (bucket < DAY / 2) {
        const days = span / DAY;
        for (const step of HOUR_STEPS) {
            if ((span / 3_600_000 / step) * 0.999 > most) continue;
            return clockLabels(starts, step, days > 1.1, language, zone);
        }
        return dayLabels(starts, Math.ceil(days / most), language, zone);
    }
    if (bucket < 5 * DAY) return dayLabels(starts, Math.ceil(starts.length / most), language, zone);
    const every = Math.max(1, Math.ceil(starts.length / most));
    const years = bucket > 300 * DAY;
    const options: Intl.DateTimeFormatOptions = years
        ? { year: 'numeric' }
        : bucket > 20 * DAY
          ? { year: '2-digit', month: 'short' }
          : { month: 'numeric', day: 'numeric' };
    const format = timeFormat(language, zone, options);
    return starts.flatMap((start, index) =>
        index % every === 0 ? [{ index, text: format.format(start) }] : [],
    );
}

function clockLabels(
    starts: readonly number[],
    stepHours: number,
    withDates: boolean,
    language: string,
    zone: string,
): AxisLabel[] {
    const clock = timeFormat(language, zone, { hour: '2-digit', minute: '2-digit' });
    const date = timeFormat(language, zone, { month: 'numeric', day: 'numeric' });
    const labels: AxisLabel[] = [];
    starts.forEach((start, index) => {
        const wall = toWall(start, zone);
        const minutes = wall.hour * 60 + wall.minute;
        if (minutes % Math.round(stepHours * 60) !== 0) return;
        const text = withDates && minutes === 0 ? date.format(start) : clock.format(start);
        labels.push({ index, text });
    });
    return labels;
}

function dayLabels(
    starts: readonly number[],
    everyDays: number,
    language: string,
    zone: string,
): AxisLabel[] {
    const date = timeFormat(language, zone, { month: 'numeric', day: 'numeric' });
    const month = timeFormat(language, zone, { year: '2-digit', month: 'short' });
    const weekly = everyDays > 3 && everyDays <= 7;
    const monthly = everyDays > 14;
    const labels: AxisLabel[] = [];
    let day = -1;
    starts.forEach((start, index) => {
        const wall = toWall(start, zone);
        if (wall.hour !== 0 || wall.minute !== 0) return;
        day += 1;
        if (monthly) {
            if (wall.day === 1) labels.push({ index, text: month.format(start) });
        } else if (weekly ? weekday(start, zone) === 1 : day % everyDays === 0) {
            labels.push({ index, text: date.format(start) });
        }
    });
    return labels;
}
