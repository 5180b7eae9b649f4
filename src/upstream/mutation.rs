//! Damaged responses, for the tests of those who read them.

use crate::types::Random;

/// `body` with 1 to `max` random changes: cut off, bytes inserted or replaced, a part repeated.
pub(super) fn mutated(body: &str, max: usize, random: &Random) -> Vec<u8> {
    let below = |end: usize| random.below(end as u64) as usize;
    let mut body = body.as_bytes().to_vec();
    for _ in 0..=below(max) {
        let at = below(body.len() + 1);
        match below(5) {
            0 => body.truncate(at),
            1 => body.insert(at, random.bytes::<1>()[0]),
            2 => body.insert(at, br#"{}[]",:\0-e"#[below(11)]),
            3 if at < body.len() => body[at] = random.bytes::<1>()[0],
            _ => body.extend_from_within(at..),
        }
    }
    body
}
