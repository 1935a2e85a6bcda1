//! Whose turn it is: requests first, then one unit of each activity that is under way.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use resnette_engine::experiments::ExperimentRunner;
use resnette_engine::train::warm_up::warm_up;
use resnette_images::dataset::Dataset;
use resnette_protocol::engine::EngineKind;
use resnette_protocol::persistence::ContinueRun;
use resnette_protocol::{Command, Event, Request, RequestId, Subsystem, lesson};
use resnette_spec::{DataConfig, RunConfig, Source};

use crate::data_store::{DataStore, LoadEnd, OpenedFiles, Purpose};
use crate::estimator::Estimator;
use crate::host::{Engine, Host};
use crate::inbox::{Inbox, Letter};
use crate::measurements::{benchmark, check_engine};
use crate::model_fetcher::{Fetched, ModelFetcher};
use crate::predictor::Predictor;
use crate::rate_search::RateSearch;
use crate::rival::ANOTHER_RUN;
use crate::ticket::Ticket;
use crate::trainer::Trainer;
use crate::watcher::Watcher;

/// One page's work.
pub struct Session<H: Host> {
    host: H,
    engine: Engine,
    inbox: Inbox<H::File>,
    data: DataStore<H>,
    trainer: Trainer,
    predictor: Predictor,
    fetcher: ModelFetcher<H>,
    rate_search: RateSearch,
    estimator: Estimator<H>,
    watcher: Watcher,
    experiments: ExperimentRunner,
    /// A GPU that has compiled no kernels yet.
    cold: bool,
    /// The run whose kernels are to be compiled while its pictures come.
    warming: Option<RunConfig>,
}

/// What ended beside the run.
enum JobEnd<H: Host> {
    Loaded(LoadEnd<H>),
    Fetched(Ticket<H>, Fetched),
}

impl<H: Host> Session<H> {
    /// An idle session.
    pub fn new(host: H, engine: Engine, inbox: Inbox<H::File>) -> Self {
        let experiments = ExperimentRunner::new(engine.device.clone());
        let cold = engine.info.kind == EngineKind::WebGpu;
        Self {
            host,
            engine,
            inbox,
            data: DataStore::default(),
            trainer: Trainer::default(),
            predictor: Predictor::default(),
            fetcher: ModelFetcher::default(),
            rate_search: RateSearch::default(),
            estimator: Estimator::default(),
            watcher: Watcher::default(),
            experiments,
            cold,
            warming: None,
        }
    }

    /// Serves the page for ever.
    pub async fn run(mut self) {
        loop {
            self.turn().await;
        }
    }

    /// Whether a turn has anything to do but wait for requests and downloads.
    pub fn is_working(&self) -> bool {
        self.trainer.is_running()
            || self.rate_search.is_busy()
            || self.estimator.is_busy()
            || self.watcher.is_busy()
            || self.experiments.is_busy()
            || self.warming.is_some()
    }

    /// Whether nothing at all is under way.
    pub fn is_idle(&self) -> bool {
        !self.is_working() && !self.data.is_busy() && !self.fetcher.is_busy()
    }

    /// One turn: waiting requests are handled, downloads go on, and each activity under way does
    /// one unit of work. A session without work waits for something to happen.
    pub async fn turn(&mut self) {
        if !self.is_working() {
            poll_fn(|context| self.poll_anything(context)).await;
        }
        if self.inbox.take_greeting() {
            self.show_all();
        }
        while let Some(letter) = self.inbox.take() {
            self.handle(letter).await;
        }
        while let Some(end) = self.ended_job().await {
            self.finish(end);
        }
        if let Some(config) = self.warming.take().filter(|_| self.data.is_busy()) {
            // The download is under way: a GPU compiles its kernels while the pictures come.
            self.host.pause().await;
            warm_up(&config, &self.engine.device);
        }
        self.watcher.follow(&mut self.trainer);
        if self.watcher.is_busy() {
            // The run waits, so that all pictures are asked about the same network.
            self.watcher.tick(&self.host, &self.engine).await;
            self.host.pause().await;
        } else if self.trainer.is_running() {
            self.trainer.tick(&self.host, &self.engine).await;
            self.host.pause().await;
        }
        if self.rate_search.is_busy() {
            self.rate_search.tick(&self.host).await;
            self.host.pause().await;
        }
        if self.estimator.is_busy() {
            self.estimator.tick(&self.host).await;
            self.host.pause().await;
        }
        if self.experiments.is_busy() {
            let events = self.experiments.tick().await;
            self.post_lesson(events);
            self.host.pause().await;
        }
    }

    /// Tells a page that has just come what there is, as if it had been there: it may have been
    /// closed while the run went on.
    fn show_all(&mut self) {
        self.host.post(Event::Ready(self.engine.info.clone()));
        if let Some(set) = self.data.set() {
            self.host.post(Event::Loaded(set.report()));
        }
        self.trainer.end_race(&self.host, "The race has ended, because the page connected again");
        self.trainer.show(&self.host);
    }

    /// Ready once a request waits or a job may go on.
    fn poll_anything(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.inbox.poll_arrival(context).is_ready() {
            return Poll::Ready(());
        }
        match self.poll_jobs(context) {
            Poll::Ready(end) => {
                self.finish(end);
                Poll::Ready(())
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn poll_jobs(&mut self, context: &mut Context<'_>) -> Poll<JobEnd<H>> {
        if let Poll::Ready(end) = self.data.poll(&self.host, context) {
            return Poll::Ready(JobEnd::Loaded(end));
        }
        match self.fetcher.poll(context) {
            Poll::Ready((ticket, fetched)) => Poll::Ready(JobEnd::Fetched(ticket, fetched)),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Goes on with the jobs as far as they can go now, and returns one that has ended.
    async fn ended_job(&mut self) -> Option<JobEnd<H>> {
        poll_fn(|context| match self.poll_jobs(context) {
            Poll::Ready(end) => Poll::Ready(Some(end)),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    fn finish(&mut self, end: JobEnd<H>) {
        match end {
            JobEnd::Loaded(LoadEnd { set: Some(set), waiting }) => {
                for (ticket, purpose) in waiting {
                    self.use_pictures(set.clone(), ticket, purpose);
                }
            }
            JobEnd::Loaded(LoadEnd { set: None, .. }) => {}
            JobEnd::Fetched(ticket, Ok(file)) => {
                let (host, engine) = (&self.host, &self.engine);
                self.predictor.open_model(host, engine, &self.trainer, file, ticket);
            }
            JobEnd::Fetched(ticket, Err(error)) => ticket.refused(
                Subsystem::Model,
                format!("the network was not fetched: {error}. The network that was there is kept"),
            ),
        }
    }

    async fn handle(&mut self, (request, files): Letter<H::File>) {
        let Request { id, command, corrections } = request;
        let opened = OpenedFiles { files, corrections };
        let ticket = Ticket::new(id, self.host.clone());
        // Nobody waits for an estimate: it makes room for whatever else is asked for.
        self.estimator.cancel();
        let idle = self.is_idle();
        let (host, engine) = (&self.host, &self.engine);
        let (trainer, predictor) = (&mut self.trainer, &mut self.predictor);
        match command {
            Command::Load { data, seed } => self.want(data, seed, opened, ticket, Purpose::Load),
            Command::Train(config) => self.train(config, opened, ticket),
            Command::FineTune(config) => {
                self.trainer.hold();
                self.trainer.end_race(&self.host, ANOTHER_RUN);
                self.rate_search.cancel(&self.host);
                let (data, seed) = (config.pictures(), config.seed);
                self.want(data, seed, opened, ticket, Purpose::FineTune(config));
            }
            Command::FindRate(config) => {
                self.rate_search.cancel(&self.host);
                let (data, seed) = (config.pictures(), config.seed);
                self.want(data, seed, opened, ticket, Purpose::FindRate(config));
            }
            Command::FindFineTuneRate(config) => {
                self.rate_search.cancel(&self.host);
                let (data, seed) = (config.pictures(), config.seed);
                self.want(data, seed, opened, ticket, Purpose::FindFineTuneRate(config));
            }
            Command::Continue(wanted) => self.continue_run(wanted, opened, ticket).await,
            Command::OneMoreEpoch => self.one_more_epoch(opened, ticket),
            Command::Pause => {
                if trainer.pause() {
                    host.post(Event::Paused);
                    if trainer.read_losses(host).await {
                        trainer.autosave(host).await;
                    }
                }
                ticket.answered();
            }
            Command::Resume => {
                trainer.go_on(host);
                ticket.answered();
            }
            Command::Step => {
                self.watcher.start_over();
                match trainer.step(host, engine).await {
                    Ok(()) => ticket.answered(),
                    Err(error) => ticket.refused(Subsystem::Training, error),
                }
            }
            Command::Stop => self.stop(ticket).await,
            Command::Cancel(request) => self.cancel(request, ticket),
            Command::CutSkip(place) => match trainer.cut_skip(host, place).await {
                Ok(()) => ticket.answered(),
                Err(error) => ticket.refused(Subsystem::Training, error),
            },
            Command::KeepRunner(runner) => match trainer.keep_runner(host, runner).await {
                Ok(()) => ticket.answered(),
                Err(error) => ticket.refused(Subsystem::Training, error),
            },
            Command::ScaleRate(factor) => {
                trainer.scale_rate(factor);
                ticket.answered();
            }
            Command::SelfTest => check_engine(host, engine, ticket).await,
            Command::Benchmark(request) => benchmark(host, engine, request, ticket).await,
            Command::Estimate(request) if idle => self.estimator.begin(engine, request, ticket),
            Command::Estimate(_) => ticket.cancelled(),
            Command::Predict(request) => {
                predictor.predict(host, engine, trainer, request, ticket).await;
            }
            Command::Evaluate => {
                predictor.evaluate(host, engine, trainer, &self.data, ticket).await;
            }
            Command::ShowBatch { config, shuffle } => {
                self.data.show_batch(host, config, shuffle, ticket);
            }
            Command::SaveModel(format) => {
                predictor.save_model(host, trainer, format, ticket).await;
            }
            Command::OpenModel { name, bytes } => {
                predictor.open_model(host, engine, trainer, (name, bytes), ticket);
            }
            Command::FetchModel(text) => self.fetcher.begin(host, text, ticket),
            Command::SaveRun => trainer.save_as_file(host, ticket).await,
            Command::OpenRun { name, bytes } => {
                trainer.open_file(host, engine, predictor, (name, bytes), ticket);
            }
            Command::Lesson(request) => self.experiment(request, ticket),
            Command::Watch(watching) => {
                self.watcher.watch(watching);
                ticket.answered();
            }
        }
    }

    /// Wants pictures for a request, and goes on at once if they are in memory.
    fn want(
        &mut self,
        config: DataConfig,
        seed: u32,
        opened: OpenedFiles<H::File>,
        ticket: Ticket<H>,
        purpose: Purpose,
    ) {
        if let Some(end) = self.data.want(&self.host, config, seed, opened, ticket, purpose) {
            self.finish(JobEnd::Loaded(end));
        }
    }

    fn train(&mut self, config: RunConfig, opened: OpenedFiles<H::File>, ticket: Ticket<H>) {
        self.trainer.hold();
        self.trainer.end_race(&self.host, ANOTHER_RUN);
        self.rate_search.cancel(&self.host);
        if std::mem::take(&mut self.cold) {
            self.warming = Some(config.clone());
        }
        let (data, seed) = (config.pictures(), config.seed);
        self.want(data, seed, opened, ticket, Purpose::Train(config));
    }

    async fn continue_run(
        &mut self,
        wanted: ContinueRun,
        mut opened: OpenedFiles<H::File>,
        ticket: Ticket<H>,
    ) {
        self.trainer.hold();
        self.trainer.end_race(&self.host, ANOTHER_RUN);
        self.rate_search.cancel(&self.host);
        let (host, engine) = (&self.host, &self.engine);
        let read = self.trainer.read_saved(host, engine, &mut self.predictor, wanted.origin);
        if let Err(reason) = read.await {
            let reason = format!("the saved run cannot be continued: {reason}");
            return ticket.refused(Subsystem::Training, reason);
        }
        match &self.trainer.saved {
            Some(saved) if !saved.header.is_done() => {
                opened.correct_as(saved);
                let (data, seed) = (saved.config.pictures(), saved.config.seed);
                self.want(data, seed, opened, ticket, Purpose::Continue);
            }
            // A run that has ended needs no pictures to be shown.
            Some(_) => ticket.answered(),
            None => {
                let reason = "there is no saved run to continue. Open one first";
                ticket.refused(Subsystem::Training, reason);
            }
        }
    }

    fn one_more_epoch(&mut self, mut opened: OpenedFiles<H::File>, ticket: Ticket<H>) {
        match &self.trainer.saved {
            Some(saved) if saved.config.data.source == Source::Files && opened.files.is_empty() => {
                let reason = "this run was trained on files of yours, which the page cannot open \
                              by itself. Open the same pictures in Data, then add an epoch";
                ticket.refused(Subsystem::Training, reason);
            }
            Some(saved) => {
                opened.correct_as(saved);
                let (data, seed) = (saved.config.pictures(), saved.config.seed);
                self.want(data, seed, opened, ticket, Purpose::OneMoreEpoch);
            }
            None => {
                self.trainer.add_epoch(&self.host);
                ticket.answered();
            }
        }
    }

    /// Goes on with a request whose pictures are there.
    fn use_pictures(&mut self, set: Arc<Dataset>, ticket: Ticket<H>, purpose: Purpose) {
        let (host, engine) = (&self.host, &self.engine);
        if matches!(purpose, Purpose::Load) {
            return ticket.answered();
        }
        // A look holds the network and the pictures of the run before, which make room first.
        self.watcher.start_over();
        let begun = match purpose {
            Purpose::FindRate(config) => {
                return self.rate_search.begin(host, engine, config, set, None, ticket);
            }
            Purpose::FindFineTuneRate(config) => match &self.predictor.opened {
                Some(opened) => {
                    return self.rate_search.begin(host, engine, config, set, Some(opened), ticket);
                }
                None => Err("no network from a file is open. Open or fetch a pretrained one \
                             first, then search for its rate"
                    .into()),
            },
            Purpose::Train(config) => {
                self.trainer.begin(host, engine, config, set).map_err(|error| error.to_string())
            }
            Purpose::FineTune(config) => match &self.predictor.opened {
                Some(opened) => self.trainer.fine_tune(host, engine, config, set, opened),
                None => Err("no network from a file is open. Open or fetch a pretrained one \
                             first, then fine-tune it"
                    .into()),
            },
            Purpose::OneMoreEpoch => {
                let continued = self.trainer.continue_saved(host, engine, set);
                continued.map(|()| self.trainer.add_epoch(host))
            }
            _ => self.trainer.continue_saved(host, engine, set),
        };
        match begun {
            Ok(()) => {
                // From now on the run's network answers.
                self.predictor.opened = None;
                ticket.answered();
            }
            Err(reason) => ticket.refused(Subsystem::Training, reason),
        }
    }

    /// Ends the run, a search and loading. Requests that wait for something else stay.
    async fn stop(&mut self, ticket: Ticket<H>) {
        let searched = self.rate_search.cancel(&self.host);
        let loading = self.data.cancel();
        self.warming = None;
        // What ends a search alone leaves a paused run paused.
        if self.trainer.is_running() || loading || !searched {
            let is_whole = self.trainer.read_losses(&self.host).await;
            self.trainer.hold();
            self.watcher.stop(&self.trainer);
            self.trainer.end_race(&self.host, "The race has ended with the run");
            // A run that one of its last losses ended has not been stopped: it broke.
            if is_whole {
                self.host.post(Event::Stopped);
            }
        }
        ticket.answered();
    }

    /// Ends one request that is under way; one that has ended stays as it is.
    fn cancel(&mut self, request: RequestId, ticket: Ticket<H>) {
        // A run that is under way beside a cancelled download goes on.
        if !self.fetcher.cancel_request(request) && self.data.cancel_request(request) {
            // A run that was to begin is called off: what the page shows as stopped holds.
            self.trainer.hold();
            self.trainer.end_race(&self.host, "The race has ended with the run");
            self.host.post(Event::Stopped);
        }
        ticket.answered();
    }

    fn experiment(&mut self, request: lesson::Request, ticket: Ticket<H>) {
        let model = self.predictor.inspected(&self.trainer);
        let events = self.experiments.request(request, model);
        self.post_lesson(events);
        ticket.answered();
    }

    fn post_lesson(&self, events: Vec<lesson::Event>) {
        for event in events {
            self.host.post(Event::Lesson(event));
        }
    }
}
