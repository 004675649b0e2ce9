//! Finds matches in rows of one shape.
#![expect(
    clippy::indexing_slicing,
    reason = "hashes have as many bits as the tables, and positions are below the length of the bytes"
)]

/// The maximum distance of a match (RFC 1951 §3.2.5).
const MAX_DISTANCE: usize = 32 << 10;
/// The maximum length of a match, and the minimum length of one that is used.
const MAX_MATCH: usize = 258;
const MIN_MATCH: usize = 4;
/// Entries of the tables, as powers of two. A window of 32 KiB has about a thousand values.
const VALUE_BITS: u32 = 12;
const TEXT_BITS: u32 = 12;
/// Bytes of text after which it is decided whether a column is searched.
const SAMPLE_BYTES: usize = 2 << 10;
/// Number of rows for which a column without matches is not searched.
const PAUSE_ROWS: u32 = 2000;

/// Literals, and a match that follows them. `length` is 0 if none does.
#[derive(Debug, Clone, Copy)]
pub struct Sequence {
    pub literals: u32,
    pub length: u16,
    pub distance: u16,
}

/// Finds matches. The keys of a row are at known places: each is compared with the same column of an earlier row, one with
/// the same first bytes of the value if possible, and otherwise of the row before. Only text is searched byte by byte.
#[derive(Debug)]
pub struct Matcher {
    columns: Vec<Column>,
    /// By hash of the start of a value: the start of a field.
    values: Box<[u32; 1 << VALUE_BITS]>,
    /// By hash of four bytes: their position.
    texts: Box<[u32; 1 << TEXT_BITS]>,
}

/// What is known of a column.
#[derive(Debug, Clone, Copy)]
struct Column {
    /// Bytes of the key, with those of the header of the map before the first one.
    key_len: usize,
    /// Start of the field in the row before.
    previous: usize,
    /// Bytes of text that were searched, and bytes that matched.
    searched: usize,
    matched: usize,
    /// Number of rows for which the column is not searched.
    pause: u32,
}

/// The matches of a part of the bytes.
#[derive(Debug, Default)]
pub struct Matches {
    pub sequences: Vec<Sequence>,
    /// End of the last match.
    pub end: usize,
}

impl Matcher {
    /// `key_lens` has the length of the bytes before each value of a row.
    pub fn new(key_lens: impl IntoIterator<Item = usize>) -> Self {
        let column = |key_len| Column {
            key_len,
            previous: 0,
            searched: 0,
            matched: 0,
            pause: 0,
        };
        Self {
            columns: key_lens.into_iter().map(column).collect(),
            values: Box::new([0; 1 << VALUE_BITS]),
            texts: Box::new([0; 1 << TEXT_BITS]),
        }
    }

    /// Starts with other bytes.
    pub fn clear(&mut self) {
        self.values.fill(0);
        self.texts.fill(0);
        for column in &mut self.columns {
            column.previous = 0;
        }
    }

    /// Finds the matches of whole rows. `starts` are the starts of their fields in `bytes`; the last one ends at `end`. The
    /// last match may end later.
    pub fn find(&mut self, bytes: &[u8], starts: &[u32], end: usize, matches: &mut Matches) {
        matches.sequences.clear();
        let mut ends = starts.iter().skip(1).map(|&start| start as usize);
        for row in starts.chunks(self.columns.len().max(1)) {
            for (column, &start) in row.iter().enumerate() {
                let end = ends.next().unwrap_or(end);
                self.match_field(column, bytes, start as usize, end, matches);
            }
        }
        matches.finish(end);
    }

    /// Finds matches for the field from `start` to `end`, whose start may be covered already.
    #[inline(always)]
    fn match_field(
        &mut self,
        column: usize,
        bytes: &[u8],
        start: usize,
        end: usize,
        matches: &mut Matches,
    ) {
        let known = &mut self.columns[column];
        let value = start + known.key_len;
        let mut from = std::mem::replace(&mut known.previous, start);
        let mut position = matches.position(start);
        if let Some(word) = load(bytes, value) {
            let hash = (word ^ column as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let slot = &mut self.values[(hash >> (64 - VALUE_BITS)) as usize];
            let found = std::mem::replace(slot, u32::try_from(start).unwrap_or(0)) as usize;
            if position >= end {
                return;
            }
            if load(bytes, found + known.key_len) == Some(word) && start - found <= MAX_DISTANCE {
                from = found;
                // The match before reaches into this value, but not as far as this one.
                if position > start && position < value + 8 {
                    position = matches.shorten(position, start);
                }
            }
        }
        if position < value && start - from <= MAX_DISTANCE && from < start {
            let len = common(bytes, from + position - start, position);
            if len >= MIN_MATCH {
                position = matches.push(position, len, start - from);
            }
        }
        let is_text = bytes.get(value).is_some_and(|&marker| is_searched(marker));
        if is_text && position < end && !self.columns[column].is_paused() {
            let from = position.max(value);
            let matched = self.search(bytes, from, end, matches);
            self.columns[column].count(end.saturating_sub(from), matched);
        }
    }

    /// Searches from `position` to `end`; returns the number of bytes that matched.
    fn search(
        &mut self,
        bytes: &[u8],
        mut position: usize,
        end: usize,
        matches: &mut Matches,
    ) -> usize {
        let mut matched = 0;
        while position + MIN_MATCH <= end {
            let Some(word) = load(bytes, position) else {
                break;
            };
            #[expect(clippy::cast_possible_truncation, reason = "the first four bytes")]
            let word = word as u32;
            let hash = word.wrapping_mul(0x9e37_79b1) >> (32 - TEXT_BITS);
            let slot = &mut self.texts[hash as usize];
            let found = std::mem::replace(slot, u32::try_from(position).unwrap_or(0)) as usize;
            let len = if position - found <= MAX_DISTANCE && found < position {
                common(bytes, found, position)
            } else {
                0
            };
            if len >= MIN_MATCH {
                position = matches.push(position, len, position - found);
                matched += len;
            } else {
                position += 1;
            }
        }
        matched
    }
}

impl Column {
    fn is_paused(&mut self) -> bool {
        let is_paused = self.pause > 0;
        self.pause = self.pause.saturating_sub(1);
        is_paused
    }

    /// Pauses the search if less than an eighth of the bytes matched.
    fn count(&mut self, searched: usize, matched: usize) {
        self.searched += searched;
        self.matched += matched;
        if self.searched >= SAMPLE_BYTES {
            if self.matched * 8 < self.searched {
                self.pause = PAUSE_ROWS;
            }
            (self.searched, self.matched) = (0, 0);
        }
    }
}

impl Matches {
    /// The first byte from `start` on that no match covers.
    fn position(&self, start: usize) -> usize {
        self.end.max(start)
    }

    /// Appends a match; returns its end.
    #[inline(always)]
    fn push(&mut self, position: usize, len: usize, distance: usize) -> usize {
        self.sequences.push(Sequence {
            literals: u32::try_from(position - self.end).unwrap_or(0),
            length: u16::try_from(len).unwrap_or(0),
            // 32 KiB fit.
            distance: u16::try_from(distance).unwrap_or(0),
        });
        self.end = position + len;
        self.end
    }

    /// Lets the last match, which ends at `end`, end at `start`, if that leaves enough of it; returns its end.
    fn shorten(&mut self, end: usize, start: usize) -> usize {
        if let Some(last) = self.sequences.last_mut() {
            let len = usize::from(last.length).saturating_sub(end - start);
            if len >= MIN_MATCH {
                last.length = u16::try_from(len).unwrap_or(0);
                self.end = start;
            }
        }
        self.end
    }

    fn finish(&mut self, end: usize) {
        if self.end < end {
            self.push(end, 0, 0);
        }
    }
}

/// Whether a value with this marker is searched: text, binary, arrays and maps.
fn is_searched(marker: u8) -> bool {
    matches!(marker, 0x80..=0xbf | 0xc4..=0xc9 | 0xd4..=0xdf)
}

/// Eight bytes.
#[inline(always)]
fn load(bytes: &[u8], position: usize) -> Option<u64> {
    let word = bytes.get(position..)?.first_chunk()?;
    Some(u64::from_le_bytes(*word))
}

/// How many bytes are equal from the two positions on, of which `from` is lower; at most the length of a match.
#[inline(always)]
fn common(bytes: &[u8], from: usize, to: usize) -> usize {
    let (Some(a), Some(b)) = (bytes.get(from..), bytes.get(to..)) else {
        return 0;
    };
    let b = b.get(..MAX_MATCH).unwrap_or(b);
    let (a_words, b_words) = (a.as_chunks::<8>().0, b.as_chunks::<8>().0);
    let mut len = 0;
    for (a, b) in a_words.iter().zip(b_words) {
        let different = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
        if different != 0 {
            return len + (different.trailing_zeros() / 8) as usize;
        }
        len += 8;
    }
    let rest = a.iter().zip(b).skip(len);
    len + rest.take_while(|(a, b)| a == b).count()
}
