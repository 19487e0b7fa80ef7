declare module "myanmar-tools" {
  export class ZawgyiDetector {
    /** Between 0 and 1; −Infinity when there is no Burmese in the text. */
    getZawgyiProbability(text: string): number;
  }
  export class ZawgyiConverter {
    zawgyiToUnicode(text: string): string;
    unicodeToZawgyi(text: string): string;
  }
}
