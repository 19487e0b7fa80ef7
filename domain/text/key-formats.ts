/** Shapes of keys and tokens that name themselves. Ends are bounded, so that no text makes them slow. */
export const keyFormats: RegExp[] = [
  // Blocks and addresses that carry a secret.
  /-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]{0,8000}?(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|$)/g,
  /\bAGE-SECRET-KEY-1[0-9A-Z]{20,80}/g,
  /(?<=\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@]{0,100}:)[^\s/@]{1,200}(?=@)/gi,
  /\bhttps:\/\/hooks\.slack\.com\/(?:services|workflows)\/[\w/-]{10,200}/g,
  /\bhttps:\/\/(?:\w+\.)?discord(?:app)?\.com\/api\/webhooks\/[\w/-]{10,200}/g,
  /\beyJ[\w-]{10,2000}\.eyJ[\w-]{5,4000}\.[\w-]{5,1000}/g,

  // Models and machine learning.
  /\bsk-(?:proj-|svcacct-|admin-|ant-[a-z0-9]{2,10}-|or-v1-)?[\w-]{20,250}/g,
  /\b(?:gsk_|hf_|r8_|xai-|pplx-)[A-Za-z0-9]{20,120}/g,

  // Clouds.
  /\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b/g,
  /\bAIza[\w-]{35}/g,
  /\bGOCSPX-[\w-]{20,60}/g,
  /\bya29\.[\w-]{20,500}/g,
  /\bAccountKey=[A-Za-z0-9+/=]{40,120}/g,
  /\bdo[por]_v1_[a-f0-9]{40,80}/g,
  /\bHRKU-[\w-]{30,80}/g,
  /\bFlyV1 fm\d_[\w+/=,-]{20,400}/g,
  /\bdapi[a-f0-9]{32}\b/g,
  /\bhvs\.[\w-]{20,200}/g,
  /\b[A-Za-z0-9]{14}\.atlasv1\.[\w-]{40,100}/g,
  /\bpscale_(?:tkn|pw|oauth)_[\w.-]{20,100}/g,
  /\bsb[ps]_[a-f0-9]{30,60}/g,
  /\bdp\.(?:pt|st|ct|sa)\.[\w.-]{20,100}/g,

  // Code and work.
  /\bgh[pousr]_[A-Za-z0-9]{30,255}/g,
  /\bgithub_pat_\w{22,255}/g,
  /\bgl(?:pat|dt|rt|cbt|ptt|ft)-[\w-]{20,100}/g,
  /\bnpm_[A-Za-z0-9]{36}\b/g,
  /\bpypi-[\w-]{30,250}/g,
  /\bATATT3[\w=-]{30,250}/g,
  /\blin_(?:api|oauth)_[A-Za-z0-9]{30,80}/g,
  /\b(?:secret|ntn)_[A-Za-z0-9]{40,60}\b/g,
  /\bPMAK-[a-f0-9]{24}-[a-f0-9]{34}\b/g,
  /\bfig[du]_[\w-]{30,80}/g,
  /\bpat[A-Za-z0-9]{14}\.[a-f0-9]{64}\b/g,
  /\bsntrys_[\w+/=-]{30,300}/g,
  /\bglsa_[A-Za-z0-9]{32}_[a-f0-9]{8}\b/g,
  /\bNRAK-[A-Z0-9]{27}\b/g,

  // Chat, mail and shops.
  /\bxox[abeoprs]-[\w-]{10,250}/g,
  /\bxapp-\d-[\w-]{10,250}/g,
  /\b\d{8,10}:AA[\w-]{33}\b/g,
  /\b[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,40}/g,
  /\bEAA[A-Za-z0-9]{30,400}/g,
  /\bSG\.[\w-]{20,24}\.[\w-]{40,50}/g,
  /\bkey-[a-f0-9]{32}\b/g,
  /\b[a-f0-9]{32}-us\d{1,2}\b/g,
  /\b(?:SK|AC)[a-f0-9]{32}\b/g,
  /\bshp(?:at|ss|ca|pa|tka)_[a-fA-F0-9]{32}\b/g,

  // Money.
  /\b[srp]k_(?:live|test)_[A-Za-z0-9]{16,250}/g,
  /\bwhsec_[A-Za-z0-9+/=]{20,100}/g,
  /\brzp_(?:live|test)_[A-Za-z0-9]{14,40}/g,
  /\bsq0(?:atp|csp|idp)-[\w-]{20,60}/g,
  /\baccess_token\$(?:production|sandbox)\$[a-z0-9]{10,30}\$[a-f0-9]{32}/g,
  /\b[5KL][1-9A-HJ-NP-Za-km-z]{50,51}\b/g, // Bitcoin's private key
  /\bxprv[1-9A-HJ-NP-Za-km-z]{100,115}\b/g,

  // Whatever a person calls a key: the value behind the name.
  /(?<=(?:^|[^a-z0-9])(?:api|access|secret|private|client|auth|app|bot|account|encryption|license)[ _-]?(?:key|secret|token)(?:[ _-]?(?:id|key))?["']?\s{0,3}(?:is\s|[:=])\s{0,3}["']?)[\w+/=.~-]{8,500}/gi,
  /(?<=\bauthorization["']?\s{0,3}[:=]\s{0,3}["']?(?:basic|bearer|token)\s{1,3})[\w+/=.~-]{8,2000}/gi,
  /(?<=\bbearer\s{1,3})[\w+/=.~-]{20,2000}/gi,
  /(?<=\b(?:token|secret)["']?\s{0,3}[:=]\s{0,3}["']?)(?=[\w+/=.~-]{0,200}\d)[\w+/=.~-]{12,500}/gi,
  /(?<=\b(?:seed|recovery|mnemonic|wallet|backup) (?:phrase|words?|seed)(?: is)?\s{0,3}[:=]?\s{1,3})[a-z]{3,8}(?:[ ,\n]{1,3}[a-z]{3,8}){11,23}\b/gi,
];
