declare module "myanmar-tools" {
  interface ZawgyiDetector {
    /** Between 0 and 1; −Infinity when there is no Burmese in the text. */
    getZawgyiProbability(text: string): number;
  }
  interface ZawgyiConverter {
    zawgyiToUnicode(text: string): string;
    unicodeToZawgyi(text: string): string;
  }
  const myanmarTools: {
    ZawgyiDetector: new () => ZawgyiDetector;
    ZawgyiConverter: new () => ZawgyiConverter;
  };
  // The package is CommonJS: Node finds no named exports in it, though test runners do.
  export = myanmarTools;
}
