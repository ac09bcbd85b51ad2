// What dashboard and alerts ask Prometheus for.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const deploy = join(import.meta.dirname, '..', '..', '..', 'deploy');

export interface Query {
  readonly title: string;
  readonly expr: string;
}

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

export const alertsFile = join(deploy, 'prometheus/alerts.yaml');

const { groups } = parse(readFileSync(alertsFile, 'utf8')) as { groups: { rules: Alert[] }[] };
export const alerts = groups.flatMap(({ rules }) => rules);

export const dashboard = JSON.parse(
  readFileSync(join(deploy, 'grafana/kafka2ipfix.json'), 'utf8'),
) as {
  panels: Panel[];
  templating: { list: { name: string; definition?: string }[] };
};

/** What Grafana puts in for its variables. */
const filledIn = (expr: string): string =>
  expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$(job|instance)\b/g, '.*');

export const dashboardQueries: readonly Query[] = dashboard.panels.flatMap(
  ({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr: filledIn(expr) })),
);

/**
 * With each comparison as a 0 or 1: what an alert compares has to be there, or it could never speak.
 */
export const alertQueries: readonly Query[] = alerts.map(({ alert, expr }) => ({
  title: alert,
  expr: expr.replaceAll(/ (==|!=|[<>]=?) /g, ' $1 bool '),
}));
