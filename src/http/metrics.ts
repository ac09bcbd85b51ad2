// The metrics in Prometheus' text format. prom-client writes it and brings those of the process and
// of Node.js; our own are read from the snapshots when they are asked for, and counted nowhere twice.

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { HistogramSeen } from '../pipeline/sending/histogram.ts';
import { metricDefinitions } from './metric-definitions.ts';
import type { HistogramDefinition, Labels, NumberDefinition } from './metric-kinds.ts';
import type { ProcessView } from './process-view.ts';

/** Gauges whose names end as a counter's must: promtool objects, and nobody needs them. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** Call it once for a process: what it collects of Node.js cannot be called off. */
export function metricsRegistry(view: ProcessView): Registry {
  const registry = new Registry();
  for (const definition of metricDefinitions) {
    if (definition.type === 'histogram') registerHistogram(definition, view, registry);
    else registerNumber(definition, view, registry);
  }
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  return registry;
}

function registerNumber(definition: NumberDefinition, view: ProcessView, registry: Registry): void {
  const { type, name, help, labels, samples } = definition;
  const common = { name, help, labelNames: labels, registers: [registry] };
  if (type === 'counter') {
    new Counter({
      ...common,
      collect() {
        this.reset();
        for (const [given, value] of samples(view)) this.inc({ ...given }, value);
      },
    });
  } else {
    new Gauge({
      ...common,
      collect() {
        this.reset();
        for (const [given, value] of samples(view)) this.set({ ...given }, value);
      },
    });
  }
}

function registerHistogram(
  { name, help, labels, samples }: HistogramDefinition,
  view: ProcessView,
  registry: Registry,
): void {
  const told = new ToldHistogram({ name, help, labelNames: labels, registers: [] });
  told.values = () => samples(view).flatMap(([given, seen]) => valuesOf(name, given, seen));
  registry.registerMetric(told);
}

interface HistogramValue {
  readonly metricName: string;
  readonly labels: Labels;
  readonly value: number;
}

/** prom-client's histograms observe; this one receives what was observed in the Workers. */
class ToldHistogram extends Histogram {
  values: () => readonly HistogramValue[] = () => [];

  // What the registry asks for, beside `get`, since prom-client 15.
  getForPromString(): Promise<unknown> {
    const { name, help } = this as unknown as { name: string; help: string };
    return Promise.resolve({ name, help, type: 'histogram', values: this.values() });
  }
}

/** Buckets are cumulative in the text format. */
function valuesOf(
  name: string,
  labels: Labels,
  { bounds, counts, sum }: HistogramSeen,
): HistogramValue[] {
  let count = 0;
  const values: HistogramValue[] = counts.map((inBucket, i) => {
    count += inBucket;
    const le = bounds[i] ?? '+Inf';
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
  });
  values.push({ metricName: `${name}_sum`, labels, value: sum });
  values.push({ metricName: `${name}_count`, labels, value: count });
  return values;
}
