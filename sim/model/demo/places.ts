import { mentions } from "./terms.ts";

/** Townships that anyone in Myanmar knows: the prompt names the delivery zones only, not what belongs to them. */
const CITIES = {
  yangon: {
    names: ["Yangon", "ရန်ကုန်"],
    townships: [
      "Ahlone, Bahan, Botahtaung, Dagon, Dawbon, Hlaing, Insein, Kamayut, Kyauktada",
      "Kyimyindaing, Lanmadaw, Latha, Mayangone, Mingaladon, Mingalar Taung Nyunt",
      "North Okkalapa, Pabedan, Pazundaung, Sanchaung, South Okkalapa, Tamwe, Thaketa",
      "Thingangyun, Yankin, အလုံ, ဗဟန်း, ဗိုလ်တထောင်, ဒဂုံ, ဒေါပုံ, လှိုင်, အင်းစိန်, ကမာရွတ်",
      "ကျောက်တံတား, ကြည့်မြင်တိုင်, လမ်းမတော်, လသာ, မရမ်းကုန်း, မင်္ဂလာဒုံ, မင်္ဂလာတောင်ညွန့်",
      "မြောက်ဥက္ကလာပ, ပန်းဘဲတန်း, ပုဇွန်တောင်, စမ်းချောင်း, တောင်ဥက္ကလာပ, တာမွေ, သာကေတ",
      "သင်္ဃန်းကျွန်း, ရန်ကင်း",
    ].flatMap((line) => line.split(", ")),
  },
  mandalay: {
    names: ["Mandalay", "မန္တလေး"],
    townships: ["Amarapura", "Chanayethazan", "အမရပူရ", "ချမ်းအေးသာဇံ"],
  },
};
/** Outlying ones, which shops often serve at another fee than the city. */
const OUTLYING = [
  "Dagon Seikkan, Dala, East Dagon, Hlaing Tharyar, Hlaing Thar Yar, Hlaingtharyar, Hmawbi",
  "North Dagon, Shwe Pyi Thar, Shwepyithar, South Dagon, Thanlyin, Htauk Kyant",
  "ဒဂုံဆိပ်ကမ်း, အရှေ့ဒဂုံ, လှိုင်သာယာ, မှော်ဘီ, မြောက်ဒဂုံ, ရွှေပြည်သာ, တောင်ဒဂုံ",
  "သန်လျင်",
].flatMap((line) => line.split(", "));

export const KNOWN_TOWNSHIPS: readonly string[] = [
  ...Object.values(CITIES).flatMap(({ names, townships }) => [...names, ...townships]),
  ...OUTLYING,
];

/**
 * The one zone that is named after the city of a township which a text speaks of; undefined when no zone is, or several
 * are. Outlying townships have no city here: their fee cannot be told from the name of a zone.
 */
export function zoneOfCity(text: string, zones: string[]): string | undefined {
  if (OUTLYING.some((name) => mentions(text, name))) return undefined;
  const city = Object.values(CITIES).find(({ townships }) => townships.some((name) => mentions(text, name)));
  const named = zones.filter((zone) => city?.names.some((name) => mentions(zone, name)));
  return named.length === 1 ? named[0] : undefined;
}
