/** What every chart offers: the same figures as a table, and PNG, SVG and CSV. */
import { useTranslation } from 'react-i18next';
import { saveText, saveUrl } from '@/shared/charts/download';
import { Popover } from '@/shared/ui/Popover';

interface ChartMenuProps {
    /** File name without its ending. */
    file: string;
    asTable: boolean;
    onAsTable: (asTable: boolean) => void;
    /** A data address. */
    png: () => string | Promise<string>;
    /** The document's text. */
    svg: () => string | Promise<string>;
    csv: () => string;
}

export function ChartMenu({ file, asTable, onAsTable, png, svg, csv }: ChartMenuProps) {
    const { t } = useTranslation('common');
    return (
        <Popover
            name={t('chart.menu')}
            title={t('chart.menu')}
            buttonClass="button button-quiet button-small"
            align="end"
            label={<span aria-hidden="true">⋯</span>}
        >
            {(close) => (
                <>
                    <MenuItem
                        text={asTable ? t('chart.as_chart') : t('chart.as_table')}
                        onClick={() => {
                            onAsTable(!asTable);
                            close();
                        }}
                    />
                    {asTable ? null : (
                        <>
                            <MenuItem
                                text={t('chart.png')}
                                onClick={async () => {
                                    close();
                                    saveUrl(`${file}.png`, await png());
                                }}
                            />
                            <MenuItem
                                text={t('chart.svg')}
                                onClick={async () => {
                                    close();
                                    saveText(`${file}.svg`, 'image/svg+xml', await svg());
                                }}
                            />
                        </>
                    )}
                    <MenuItem
                        text={t('chart.csv')}
                        onClick={() => {
                            close();
                            saveText(`${file}.csv`, 'text/csv', csv());
                        }}
                    />
                </>
            )}
        </Popover>
    );
}

function MenuItem({ text, onClick }: { text: string; onClick: () => void }) {
    return (
        <button type="button" className="menu-item" onClick={onClick}>
            {text}
        </button>
    );
}
