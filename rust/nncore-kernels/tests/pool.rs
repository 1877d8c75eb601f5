//! The thread pool: every share once, in any circumstances, and never a hang.
use nncore_kernels::pool::{run, set_threads, share, threads, with_threads};
use std::collections::HashSet;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering::*};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The pool is one for the process, and a test that counts on getting it must have it alone.
static ALONE: Mutex<()> = Mutex::new(());
fn alone() -> std::sync::MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(|e| e.into_inner())
}

fn counts(shares: usize) -> Vec<usize> {
    let seen: Vec<AtomicUsize> = (0..shares).map(|_| AtomicUsize::new(0)).collect();
    run(shares, &|i| {
        seen[i].fetch_add(1, Relaxed);
    });
    seen.into_iter().map(|n| n.into_inner()).collect()
}

#[test]
fn every_share_runs_once_whatever_the_numbers() {
    let _alone = alone();
    for t in [1, 2, 3, 7, 16] {
        with_threads(t, || {
            for shares in [0, 1, 2, 3, 5, 16, 1000] {
                assert_eq!(counts(shares), vec![1; shares], "{t} threads");
            }
        });
    }
}

#[test]
fn more_shares_than_one_word_holds() {
    let _alone = alone();
    let (n, sum) = ((1 << 24) + 12_345, AtomicUsize::new(0));
    with_threads(2, || {
        run(n, &|i| {
            sum.fetch_add(i + 1, Relaxed);
        })
    });
    assert_eq!(sum.into_inner(), n * (n + 1) / 2);
}

#[test]
fn shares_run_at_the_same_time() {
    let _alone = alone();
    // Each share waits for the others, which only ends if all run at once.
    for t in [2, 4] {
        let arrived = AtomicUsize::new(0);
        with_threads(t, || {
            run(t, &|_| {
                arrived.fetch_add(1, SeqCst);
                let begin = Instant::now();
                while arrived.load(SeqCst) < t {
                    std::thread::yield_now();
                    assert!(begin.elapsed() < Duration::from_secs(20), "the shares ran one after the other");
                }
            })
        });
    }
}

#[test]
fn a_team_is_no_larger_than_asked() {
    let _alone = alone();
    with_threads(6, || drop(counts(6)));
    let seen = Mutex::new(HashSet::new());
    with_threads(2, || {
        run(64, &|_| {
            seen.lock().unwrap().insert(std::thread::current().id());
            std::thread::sleep(Duration::from_micros(200));
        })
    });
    assert_eq!(seen.into_inner().unwrap().len(), 2);
}

#[test]
fn writes_of_a_region_are_seen_after_it_and_in_the_next() {
    let _alone = alone();
    let mut data = vec![0usize; 64];
    with_threads(4, || {
        for round in 0..20_000 {
            let p = data.as_mut_ptr() as usize;
            // Each share has its own range.
            run(4, &|t| share(64, 4, t).for_each(|i| unsafe { *(p as *mut usize).add(i) += 1 }));
            assert!(data.iter().all(|x| *x == round + 1));
        }
    });
}

#[test]
fn workers_wake_after_they_parked() {
    let _alone = alone();
    for _ in 0..20 {
        std::thread::sleep(Duration::from_millis(2));
        with_threads(4, || assert_eq!(counts(8), vec![1; 8]));
    }
}

#[test]
fn nested_regions_run_serially() {
    let _alone = alone();
    let sum = AtomicUsize::new(0);
    with_threads(3, || {
        run(6, &|i| {
            let me = std::thread::current().id();
            run(10, &|j| {
                assert_eq!(std::thread::current().id(), me);
                sum.fetch_add(10 * i + j, Relaxed);
            })
        })
    });
    assert_eq!(sum.into_inner(), 59 * 60 / 2);
}

#[test]
fn many_callers_at_once() {
    let _alone = alone();
    std::thread::scope(|s| {
        for _ in 0..8 {
            s.spawn(|| with_threads(3, || (0..2000).for_each(|n| assert_eq!(counts(n % 7), vec![1; n % 7]))));
        }
    });
}

#[test]
fn a_panic_arrives_after_all_shares_and_the_pool_goes_on() {
    let _alone = alone();
    for t in [1, 4] {
        for bad in 0..5 {
            let done = AtomicUsize::new(0);
            let caught = catch_unwind(AssertUnwindSafe(|| {
                with_threads(t, || {
                    run(5, &|i| {
                        if i == bad {
                            std::panic::resume_unwind(Box::new("bad share"));
                        }
                        std::thread::sleep(Duration::from_micros(300));
                        done.fetch_add(1, SeqCst);
                    })
                })
            }));
            assert_eq!(*caught.unwrap_err().downcast::<&str>().unwrap(), "bad share");
            assert_eq!(done.load(SeqCst), 4);
            with_threads(t, || assert_eq!(counts(9), vec![1; 9]));
        }
    }
}

#[test]
fn the_number_of_threads_can_be_set_and_comes_back() {
    let _alone = alone();
    let default = threads();
    assert!(default >= 1);
    let inner = with_threads(5, || (threads(), with_threads(2, threads), threads()));
    assert_eq!((inner, threads()), ((5, 2, 5), default));
    let _ = catch_unwind(|| with_threads(3, || std::panic::resume_unwind(Box::new(0))));
    assert_eq!(threads(), default);
    set_threads(3);
    assert_eq!((threads(), std::thread::spawn(threads).join().unwrap()), (3, 3));
    set_threads(0);
    assert_eq!(threads(), default);
}

#[test]
fn a_worker_that_asks_first_gets_the_default_of_the_process() {
    let _alone = alone();
    let default = threads();
    for _ in 0..50 {
        set_threads(0);
        // Shares sleep, so that a worker takes one; it stays off its caller's CPU.
        let asked = Mutex::new(vec![]);
        with_threads(2, || {
            run(2, &|_| {
                std::thread::sleep(Duration::from_micros(200));
                // On the caller this is the number that was set above.
                asked.lock().unwrap().push(std::thread::spawn(threads).join().unwrap());
            })
        });
        assert_eq!(asked.into_inner().unwrap(), vec![default; 2]);
    }
}

#[test]
fn shares_are_even_and_cover_everything() {
    for n in 0..50 {
        for parts in 1..9 {
            let sizes: Vec<usize> = (0..parts).map(|i| share(n, parts, i).len()).collect();
            assert_eq!(sizes.iter().sum::<usize>(), n);
            assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1);
        }
    }
}

#[cfg(unix)]
#[test]
fn a_forked_child_has_a_pool_of_its_own() {
    extern "C" {
        fn fork() -> i32;
        fn waitpid(pid: i32, status: *mut i32, options: i32) -> i32;
        fn _exit(code: i32) -> !;
        fn kill(pid: i32, signal: i32) -> i32;
    }
    let _alone = alone();
    with_threads(4, || drop(counts(8)));
    // The child only computes and leaves; no test harness runs in it.
    let child = unsafe { fork() };
    if child == 0 {
        let arrived = AtomicUsize::new(0);
        with_threads(2, || {
            run(2, &|_| {
                arrived.fetch_add(1, SeqCst);
                while arrived.load(SeqCst) < 2 {
                    std::thread::yield_now();
                }
            })
        });
        unsafe { _exit(if with_threads(4, || counts(8)) == vec![1; 8] { 0 } else { 1 }) };
    }
    let (begin, mut status) = (Instant::now(), -1);
    while unsafe { waitpid(child, &mut status, 1) } == 0 {
        if begin.elapsed() > Duration::from_secs(20) {
            unsafe { kill(child, 9) };
            panic!("the child hangs");
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(status, 0);
    with_threads(4, || assert_eq!(counts(8), vec![1; 8]));
}
