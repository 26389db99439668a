/** The only place that loads ECharts parts. What is not listed here cannot be drawn. */
import { BarChart, CustomChart, HeatmapChart, LineChart, ScatterChart } from 'echarts/charts';
import {
    AriaComponent,
    CalendarComponent,
    GridComponent,
    MarkAreaComponent,
    MarkLineComponent,
    TooltipComponent,
    VisualMapComponent,
} from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

use([
    AriaComponent,
    BarChart,
    CalendarComponent,
    CanvasRenderer,
    CustomChart,
    GridComponent,
    HeatmapChart,
    LineChart,
    MarkAreaComponent,
    MarkLineComponent,
    ScatterChart,
    TooltipComponent,
    VisualMapComponent,
]);

export { init, use };
