/** The design's colours, read from the tokens in force, for what is drawn on a canvas. */
export interface ChartTokens {
    ink: string;
    ink2: string;
    ink3: string;
    quiet: string;
    line: string;
    surface: string;
    background: string;
    accent: string;
    accentSoft: string;
    onAccent: string;
    ok: string;
    warn: string;
    over: string;
}

const NAMES: Record<keyof ChartTokens, string> = {
    ink: '--ink',
    ink2: '--ink-2',
    ink3: '--ink-3',
    quiet: '--ink-quiet',
    line: '--line',
    surface: '--surface',
    background: '--bg',
    accent: '--accent',
    accentSoft: '--accent-soft',
    onAccent: '--on-accent',
    ok: '--ok',
    warn: '--warn',
    over: '--over',
};

export const FONT = "Inter, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";

/** The build shortens `#ffffff` to `#fff`; mixing colours needs all six digits. */
function sixDigits(color: string): string {
    return /^#[0-9a-f]{3}$/i.test(color) ? color.replace(/[0-9a-f]/gi, '$&$&') : color;
}

export function readTokens(): ChartTokens {
    const style = getComputedStyle(document.documentElement);
    return Object.fromEntries(
        Object.entries(NAMES).map(([key, name]) => [
            key,
            sixDigits(style.getPropertyValue(name).trim()),
        ]),
    ) as unknown as ChartTokens;
}
