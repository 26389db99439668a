/** RFC 4180, with a byte order mark so that spreadsheets read it as UTF-8. */
import type { ChartTable, PreparedSeries } from './series';
import { seriesTable } from './series';

/** A cell that a spreadsheet would take for a formula is led by an apostrophe. */
function cell(value: string | number | null): string {
    if (value === null) return '';
    if (typeof value === 'number') return String(value);
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function toCsv(table: ChartTable): string {
    const lines = [table.head, ...table.rows].map((row) => row.map(cell).join(','));
    return `\ufeff${lines.join('\r\n')}\r\n`;
}

/** Times in UTC as RFC 3339, figures as they are. */
export function seriesCsv(
    series: PreparedSeries,
    timeTitle: string,
    previousTitle: string,
): string {
    const time = (start: number) => new Date(start).toISOString();
    return toCsv(seriesTable(series, timeTitle, time, previousTitle));
}
