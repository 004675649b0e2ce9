// @ts-nocheck: the benchmark installs echarts (package.json in this folder).

import { BarChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([BarChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

/** Distinguishable without colour vision, and readable on white and on black. */
const COLOURS = ['#7a7f87', '#c2872e', '#8a6fc0', '#4f94c4', '#2a9d76'];

/**
 * A grouped bar chart, as an SVG document.
 * @param {string} title
 * @param {string[]} groups
 * @param {{ name: string, values: (number | undefined)[] }[]} series values in the order of the groups
 * @returns {string}
 */
export function barChart(title, groups, series) {
  const chart = init(null, undefined, { renderer: 'svg', ssr: true, width: 860, height: 420 });
  chart.setOption({
    ...{ animation: false, color: COLOURS, backgroundColor: '#ffffff' },
    title: { text: title, left: 'center', textStyle: { fontSize: 15 } },
    legend: { bottom: 0 },
    grid: { left: 60, right: 20, top: 50, bottom: 60 },
    xAxis: { type: 'category', data: groups },
    yAxis: { type: 'value', axisLabel: { formatter: '{value} k' } },
    series: series.map(({ name, values }) => ({
      ...{ type: 'bar', name, data: values.map((value) => value ?? '-') },
      label: { show: true, position: 'top', fontSize: 10 },
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
}
