/** Hands a file to the browser's downloads. */
export function saveUrl(name: string, url: string): void {
    if (!url) return;
    const link = document.createElement('a');
    link.href = url;
    link.download = name.replace(/[\\/:*?"<>|\s]+/g, '-');
    link.click();
}

export function saveText(name: string, type: string, text: string): void {
    const url = URL.createObjectURL(new Blob([text], { type }));
    saveUrl(name, url);
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
