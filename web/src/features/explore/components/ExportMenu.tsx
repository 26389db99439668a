/** The view as files: figures as CSV, the chart as a picture. */
import type { RefObject } from 'react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { saveText, saveUrl } from '@/shared/charts/download';
import type { ChartHandle } from '@/shared/charts/option';
import { seriesCsv } from '@/shared/charts/prepare/csv';
import type { PreparedSeries } from '@/shared/charts/prepare/series';
import { Popover } from '@/shared/ui/Popover';
import { HeadLabel } from './HeadLabel';

interface ExportMenuProps {
    file: string;
    series: PreparedSeries | null;
    handle: RefObject<ChartHandle | null>;
    saveTable: () => Promise<void>;
}

export function ExportMenu({ file, series, handle, saveTable }: ExportMenuProps) {
    const { t } = useTranslation(['explore', 'common']);
    const [failed, setFailed] = useState(false);
    return (
        <Popover
            name={t('export.title')}
            title={t('export.title')}
            buttonClass="button explore-head-button"
            align="end"
            label={<HeadLabel icon="down" text={t('export.title')} />}
        >
            {(close) => (
                <>
                    <Item
                        text={t('export.series')}
                        disabled={!series}
                        onClick={() => {
                            if (series) {
                                saveText(
                                    `${file}.csv`,
                                    'text/csv',
                                    seriesCsv(
                                        series,
                                        t('common:chart.time'),
                                        t('common:chart.previous'),
                                    ),
                                );
                            }
                            close();
                        }}
                    />
                    <Item
                        text={t('export.table')}
                        onClick={() =>
                            saveTable().then(close, () => {
                                setFailed(true);
                            })
                        }
                    />
                    <Item
                        text={t('export.png')}
                        onClick={() => {
                            saveUrl(`${file}.png`, handle.current?.png() ?? '');
                            close();
                        }}
                        disabled={!handle.current}
                    />
                    <Item
                        text={t('export.svg')}
                        onClick={async () => {
                            close();
                            const text = await handle.current?.svg();
                            if (text) saveText(`${file}.svg`, 'image/svg+xml', text);
                        }}
                        disabled={!handle.current}
                    />
                    {failed ? (
                        <p className="popover-title" role="alert">
                            {t('export.failed')}
                        </p>
                    ) : null}
                </>
            )}
        </Popover>
    );
}

interface ItemProps {
    text: string;
    disabled?: boolean;
    onClick: () => void;
}

function Item({ text, disabled, onClick }: ItemProps) {
    return (
        <button type="button" className="menu-item" disabled={disabled} onClick={onClick}>
            {text}
        </button>
    );
}
