//! Visits every state of a model, and finds a state that violates an invariant, or a run that never ends.

use std::collections::HashMap;
use std::fmt::{Arguments, Debug};
use std::hash::{DefaultHasher, Hash, Hasher};

/// A system of actors.
pub trait Model {
    /// Everything that decides what can happen next.
    type State: Clone + Hash + Debug;

    /// The state at the beginning.
    fn initial(&self) -> Self::State;

    /// Each state that can come next, with the name of the event.
    fn next(&self, state: &Self::State, add: &mut dyn FnMut(Arguments<'_>, Self::State));

    /// The invariant that the state violates.
    fn violation(&self, state: &Self::State) -> Option<String>;
}

/// What a search found.
#[derive(Debug, Default)]
pub struct Found {
    /// Number of different states.
    pub states: usize,
    /// The first violation, with the events that lead to it.
    pub violation: Option<(String, Vec<String>)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Mark {
    OnPath,
    Done,
}

struct Frame<S> {
    key: u64,
    state: S,
    next: Vec<S>,
}

/// Searches depth first. A state that is reached again from itself is a run that never ends, because every event of a model
/// uses something up: a fault, a step of a run, a request.
pub fn search<M: Model>(model: &M) -> Found {
    let mut marks: HashMap<u64, Mark> = HashMap::new();
    let mut path: Vec<Frame<M::State>> = Vec::new();
    let mut violation = enter(model, &mut marks, &mut path, model.initial());
    while let (None, Some(frame)) = (&violation, path.last_mut()) {
        let Some(state) = frame.next.pop() else {
            marks.insert(frame.key, Mark::Done);
            path.pop();
            continue;
        };
        match marks.get(&key_of(&state)) {
            Some(Mark::Done) => {}
            Some(Mark::OnPath) => violation = Some(format!("a run never ends: again {state:?}")),
            None => violation = enter(model, &mut marks, &mut path, state),
        }
    }
    Found {
        states: marks.len(),
        violation: violation.map(|what| (what, events(model, &path))),
    }
}

fn enter<M: Model>(
    model: &M,
    marks: &mut HashMap<u64, Mark>,
    path: &mut Vec<Frame<M::State>>,
    state: M::State,
) -> Option<String> {
    let key = key_of(&state);
    marks.insert(key, Mark::OnPath);
    let mut next = Vec::new();
    model.next(&state, &mut |_, state| next.push(state));
    let violation = model.violation(&state);
    path.push(Frame { key, state, next });
    violation
}

/// The names of the events along a path.
fn events<M: Model>(model: &M, path: &[Frame<M::State>]) -> Vec<String> {
    let steps = path.iter().zip(path.iter().skip(1));
    let names = steps.map(|(from, to)| {
        let mut name = String::new();
        model.next(&from.state, &mut |event, state| {
            if key_of(&state) == to.key {
                name = event.to_string();
            }
        });
        name
    });
    names.collect()
}

/// Two different states with one key would hide one of them: of 10 million states, with a probability of 0.000003.
pub fn key_of<S: Hash>(state: &S) -> u64 {
    let mut hasher = DefaultHasher::new();
    state.hash(&mut hasher);
    hasher.finish()
}
