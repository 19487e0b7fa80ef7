/** A merchant's code in EMVCo's form for one payment, as MMQR has it; the template of the wallet is made up. */
export function emvCode(payment: {
  merchantCode: string;
  merchantName: string;
  amount: number;
  reference: string;
}): string {
  const wallet = field("00", "com.example.wallet") + field("01", payment.merchantCode);
  const body = [
    field("00", "01"),
    field("01", "12"), // for one payment
    field("26", wallet),
    field("52", "5999"),
    field("53", "104"), // kyats
    field("54", String(payment.amount)),
    field("58", "MM"),
    field("59", payment.merchantName.slice(0, 25)),
    field("60", "Yangon"),
    field("62", field("05", payment.reference.slice(0, 25))),
    "6304",
  ].join("");
  return body + crc16(body);
}

function field(id: string, value: string): string {
  return `${id}${String(value.length).padStart(2, "0")}${value}`;
}

function crc16(text: string): string {
  let crc = 0xff_ff;
  for (const byte of Buffer.from(text, "ascii")) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) {
      const carry = (crc & 0x80_00) !== 0;
      crc = (crc << 1) & 0xff_ff;
      if (carry) crc ^= 0x10_21;
    }
  }
  return crc.toString(16).toUpperCase().padStart(4, "0");
}
