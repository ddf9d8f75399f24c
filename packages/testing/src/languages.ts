/** A sentence, with queries that find it and queries that must not. */
export interface LanguageCase {
  readonly text: string;
  readonly found: readonly string[];
  readonly missed: readonly string[];
}

export const languages: readonly LanguageCase[] = [
  {
    text: 'السَّلامُ عليكم، كيف حالـــك اليوم؟',
    found: ['السلام', 'حالك', 'عليكم كيف', 'اليو'],
    missed: ['سلامة', 'الامس', 'عليكم غدا'],
  },
  {
    text: 'سافرت أختي إلى المدينة القديمة',
    found: ['اختي', 'الى', 'المدينه', 'القديمة'],
    missed: ['مدن', 'ابي'],
  },
  {
    text: '我们明天在北京大学见面',
    found: ['北京', '京大', '大学见面', '我们 见面', '面', '北'],
    missed: ['北大', '上海', '学大', '我们 昨天'],
  },
  { text: '東京都の天気は晴れです', found: ['東京都', '天気', '晴れ'], missed: ['京東', '雨'] },
  {
    text: '昨日、ｶﾞｿﾘﾝスタンドでコーヒーを飲んだ',
    found: ['ガソリン', 'コーヒー', '飲んだ', 'スタンド'],
    missed: ['カソリン', 'がそりん', '飲む'],
  },
  {
    text: '내일 서울에서 한국어를 공부합니다',
    found: ['한국어', '서울', '공부', '내일 서울에서', '국어'],
    missed: ['부산', '어한', '내일 부산'],
  },
  {
    text: 'พรุ่งนี้ผมจะไปโรงเรียนกับสมชาย',
    found: ['โรงเรียน', 'สมชาย', 'พรุ่งนี้', 'เรียน'],
    missed: ['โรงพยาบาล', 'เมื่อวาน', 'ชายสม'],
  },
  {
    text: 'मैं कल हिन्दी की किताब पढ़ूँगा',
    found: ['हिन्दी', 'किताब', 'कल हिन्दी', 'पढ'],
    missed: ['कताब', 'हन्द', 'काल'],
  },
  {
    text: 'İSTANBUL IĞDIR arası çok uzun',
    found: ['istanbul', 'İstanbul', 'ıstanbul', 'ığdır', 'igdir', 'ÇOK', 'cok'],
    missed: ['ankara', 'stanbul'],
  },
  {
    text: 'Die Straße ist größer als der Fußweg',
    found: ['strasse', 'STRASSE', 'Straße', 'STRAẞE', 'groß', 'fussweg', 'grosser'],
    missed: ['strase', 'groesser', 'weg'],
  },
  {
    text: 'Crème brûlée, déjà vu à l’été',
    found: ['creme brulee', 'ete', 'deja', 'CRÈME', 'l’été', 'vu été'],
    missed: ['cremes', 'brule creme', 'tea'],
  },
  {
    text: 'Zażółć gęślą jaźń, København, Ærø',
    found: ['zazolc', 'gesla', 'kobenhavn', 'aero', 'ærø'],
    missed: ['zazul', 'copenhagen'],
  },
  {
    text: 'Ещё раз: Съешь ёлку, Μάιος και ΣΊΣΥΦΟΣ',
    found: ['еще', 'елку', 'съешь', 'μαιος', 'σίσυφος', 'ЁЛКУ'],
    missed: ['лку', 'сьешь', 'ιουνιος'],
  },
  { text: 'שָׁלוֹם חבר', found: ['שלום', 'חבר', 'שלו'], missed: ['לום'] },
  {
    text: 'Party 🎉 with 👩‍👩‍👧‍👦 and 👍🏽 in 🇩🇪 ❤️',
    found: ['🎉', '👍', '👍🏿', '🇩🇪', '❤', '👩‍👩‍👧‍👦', 'party 🎉'],
    missed: ['🎊', '🇫🇷', '👎', '👩', '🎉🎉🎊'],
  },
  {
    text: 'call getUserById(42) or XMLHttpRequest, foo_bar->baz',
    found: [
      'getUserById',
      'getuserbyid',
      'user',
      'byid',
      'http',
      'foo_bar',
      'bar',
      'request',
      '42',
    ],
    missed: ['serbyid', 'quest', 'users', '420'],
  },
  {
    text: 'see https://example.com/docs/Install-Guide.html?q=apt%20get#top',
    found: [
      'example.com',
      'install guide',
      'docs',
      'https://example.com/docs',
      'guide.html',
      'apt',
    ],
    missed: ['ample', 'example.org', 'stall'],
  },
  {
    text: 'Invoice 2024-0042: total 1,234.56 EUR, call +49 170 1234567',
    found: ['2024-0042', '1234567', '1,234.56', '+49 170', '0042'],
    missed: ['234567', '2025', '43'],
  },
  {
    text: 'ｆｕｌｌ　ｗｉｄｔｈ, ﬁne ﬂow and ２０２４',
    found: ['full width', 'fine', 'flow', '2024', 'ｗｉｄｔｈ'],
    missed: ['idth', '2023'],
  },
  {
    text: '100% sure: C:\\temp\\new_file (50% off) & "quoted" | a&b!',
    found: ['100%', 'new_file', '"quoted"', 'c:\\temp', '100% sure', 'temp\\new'],
    missed: ['200%', 'quote%x', 'temp% old', '%ure'],
  },
];
