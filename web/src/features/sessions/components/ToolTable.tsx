import { useTranslation } from 'react-i18next';
import type { SessionDetail } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';
import type { Column } from '@/shared/ui/DataTable';
import { DataTable } from '@/shared/ui/DataTable';
import { Panel } from '@/shared/ui/Panel';
import { EmptyState } from '@/shared/ui/States';

type Tool = SessionDetail['tools'][number];

/** Up to so many rows are shown whole; more scroll. */
const WHOLE = 8;
const HEIGHT = 345;

export function ToolTable({ detail }: { detail: SessionDetail }) {
    const { t } = useTranslation('sessions');
    const format = useFormat();
    const { tools } = detail;
    const most = Math.max(1, ...tools.map((tool) => tool.calls));
    const columns: Column<Tool>[] = [
        {
            id: 'name',
            title: t('tools.name'),
            grow: true,
            value: (tool) => tool.name,
            cell: (tool) => <span title={tool.name}>{tool.name}</span>,
        },
        {
            id: 'calls',
            title: t('tools.calls'),
            end: true,
            value: (tool) => tool.calls,
            cell: (tool) => (
                <span className="tool-calls">
                    <span className="tool-track" aria-hidden="true">
                        <span
                            className="share-bar"
                            style={{ width: `${(tool.calls / most) * 100}%` }}
                        />
                    </span>
                    <span className="tool-count">{format.count(tool.calls)}</span>
                </span>
            ),
        },
        {
            id: 'errors',
            title: t('tools.errors'),
            end: true,
            value: (tool) => tool.errors,
            cell: (tool) =>
                tool.errors > 0 ? (
                    <span
                        className="tone-over"
                        title={t('tools.rate', {
                            rate: format.percent(tool.errors / Math.max(1, tool.calls)),
                        })}
                    >
                        {format.count(tool.errors)}
                    </span>
                ) : (
                    <span className="tone-quiet">0</span>
                ),
        },
    ];
    return (
        <Panel title={t('tools.title')} sub={t('tools.sub')}>
            {tools.length === 0 ? (
                <EmptyState title={t('tools.empty')} text={t('tools.empty_text')} />
            ) : (
                <DataTable
                    label={t('tools.title')}
                    columns={columns}
                    rows={tools}
                    rowKey={(tool) => tool.name}
                    initialSort={{ id: 'calls', descending: true }}
                    {...(detail.tools.length > WHOLE ? { height: HEIGHT } : {})}
                />
            )}
        </Panel>
    );
}
