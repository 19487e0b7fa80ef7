import type { ShopPolicies } from "../domain/shop/policies.ts";

export const demoPolicies: ShopPolicies = {
  openHours: {
    en: "Every day 9:00 to 19:00. I answer at any time.",
    my: "နေ့စဉ် မနက် ၉ နာရီမှ ည ၇ နာရီ ဖွင့်ပါတယ်။ ကျွန်မကတော့ အချိန်မရွေး ဖြေပေးပါတယ်။",
  },
  returns: {
    en: "You can exchange unworn clothes within 7 days. Please keep the tag.",
    my: "မဝတ်ရသေးတဲ့ အထည်ကို ၇ ရက်အတွင်း လဲနိုင်ပါတယ်။ တံဆိပ်ကို မဖြုတ်ပါနဲ့နော်။",
  },
  zones: [
    {
      id: "yangon",
      name: "Yangon",
      townships: [
        "Sanchaung",
        "စမ်းချောင်း",
        "Kamayut",
        "ကမာရွတ်",
        "Hlaing",
        "လှိုင်",
        "Bahan",
        "ဗဟန်း",
        "Tamwe",
        "တာမွေ",
        "Yankin",
        "ရန်ကင်း",
        "Insein",
        "အင်းစိန်",
        "Botahtaung",
        "ဗိုလ်တထောင်",
        "North Okkalapa",
        "မြောက်ဥက္ကလာပ",
        "South Okkalapa",
        "တောင်ဥက္ကလာပ",
      ],
      feeMinor: 2_500,
      acceptsCashOnDelivery: true,
    },
    {
      id: "mandalay",
      name: "Mandalay",
      townships: ["Mandalay", "မန္တလေး", "Chanayethazan", "ချမ်းအေးသာဇံ", "Amarapura", "အမရပူရ"],
      feeMinor: 4_000,
      acceptsCashOnDelivery: true,
    },
    {
      id: "elsewhere",
      name: "Other towns, by highway bus",
      townships: ["*"],
      feeMinor: 5_000,
      acceptsCashOnDelivery: false,
    },
  ],
};

export type DemoProduct = {
  name: string;
  description: string;
  colour: string;
  shape: "dress" | "shirt" | "bag" | "cloth";
  options: { name: string; priceMinor: number; stock: number }[];
};

export const demoProducts: DemoProduct[] = [
  {
    name: "Red Silk Dress · ပိုးသားဂါဝန်အနီ",
    description: "Soft silk for festivals and weddings. ပွဲတော်၊ မင်္ဂလာပွဲအတွက် နူးညံ့တဲ့ ပိုးသားဂါဝန် အနီရောင်။",
    colour: "#c0392b",
    shape: "dress",
    options: [
      { name: "S", priceMinor: 45_000, stock: 3 },
      { name: "M", priceMinor: 45_000, stock: 5 },
      { name: "L", priceMinor: 47_000, stock: 2 },
    ],
  },
  {
    name: "Blue Cotton Shirt · ချည်ရှပ်အင်္ကျီအပြာ",
    description: "Light cotton for hot days. ပူတဲ့နေ့အတွက် ပေါ့ပါးတဲ့ ချည်သား ရှပ်အင်္ကျီ အပြာရောင်။",
    colour: "#2874a6",
    shape: "shirt",
    options: [
      { name: "M", priceMinor: 18_000, stock: 10 },
      { name: "L", priceMinor: 18_000, stock: 8 },
    ],
  },
  {
    name: "Woven Bag · ရက်ကန်းအိတ်",
    description: "Hand-woven shoulder bag from Chin State. ချင်းပြည်နယ် လက်ရက် လွယ်အိတ်။",
    colour: "#b9770e",
    shape: "bag",
    options: [{ name: "", priceMinor: 15_000, stock: 12 }],
  },
  {
    name: "Acheik Longyi · အချိတ်လုံချည်",
    description: "Wave pattern from Amarapura, two metres. အမရပူရ အချိတ်ဆင် လုံချည်။",
    colour: "#6c3483",
    shape: "cloth",
    options: [{ name: "", priceMinor: 32_000, stock: 4 }],
  },
];
