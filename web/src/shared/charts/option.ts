/** Types only, so that builders and tests do not load the library. */
import type { ECharts, EChartsCoreOption } from 'echarts/core';

export type ChartOption = EChartsCoreOption;
export type ChartInstance = ECharts;
/** Makes the option for the width there is. */
export type OptionBuilder = (width: number) => ChartOption;

export interface ChartHandle {
    png(): string;
    svg(): Promise<string>;
}
