# shellcheck shell=bash disable=SC2034
# deploy.sh's messages in English; zh.sh has the same keys. {1} {2} {3} are the arguments; KEY.fix names the remedy.
TEXT=(
    [usage]="Usage: ./deploy.sh [up|check|status|verify|down] [--cpu] [--no-build]

  up       look, build or pull, start, wait until it is healthy (the default); the old version comes back if it is not
  check    only look at this computer
  status   what runs, where and on which device
  verify   prove WSL2 and CUDA: a second of speech on the card, its memory before and after; keeps a report
  down     stop; everything in the data folder stays

  --cpu        do without a card
  --no-build   use the image that is there (after docker load, say)

Settings stand in .env; .env.template names them all."
    [ok]="ok  "
    [note]="note"
    [bad]="STOP"
    [looking]="Looking at this computer"
    [stopped]="Nothing was changed. Put right what is marked STOP, and run ./deploy.sh again."
    [nothing_to_stop]="All that is needed is here."

    [engine_ok]="Docker engine {1}"
    [engine_missing]="Docker is not installed."
    [engine_missing.fix]="Debian, Ubuntu (WSL2 too): sudo apt-get install docker.io docker-compose
Or Docker Desktop on Windows: Settings > Resources > WSL integration, and switch it on for this distribution."
    [engine_denied]="You may not speak to the Docker engine."
    [engine_denied.fix]="sudo usermod -aG docker \$USER     then log out and in again (WSL2: wsl --shutdown in Windows)"
    [engine_down]="Docker is installed, but its engine does not answer: {1}"
    [engine_down.fix]="Linux: sudo systemctl start docker    WSL2 without systemd: sudo service docker start
Docker Desktop: start it on Windows and wait until it says that the engine runs."
    [compose_ok]="Compose {1}"
    [compose_missing]="Docker Compose 1.28 or later is missing."
    [compose_missing.fix]="Debian, Ubuntu: sudo apt-get install docker-compose     (or docker-compose-v2, docker-compose-plugin)"
    [buildx_missing]="Docker's part that builds images (buildx) is missing."
    [buildx_missing.fix]="Debian, Ubuntu: sudo apt-get install docker-buildx     (or docker-buildx-plugin)"
    [wsl_ok]="WSL2, kernel {1}"
    [wsl_one]="This is WSL1, which cannot run containers."
    [wsl_one.fix]="In Windows' PowerShell: wsl --set-version <name of the distribution> 2     (wsl --list names it)"
    [folder_foreign]="The data folder {1} lies on a {2} mount: the database is slower and less safe there."
    [folder_foreign.fix]="Move this folder to a disk of the Linux side, such as ~/castmind, and start it there."

    [card_none]="No NVIDIA driver was found: CastMind will use the processor."
    [card_ok]="{1}, {2} MiB, driver {3}"
    [card_broken]="nvidia-smi does not work: {1}"
    [card_broken.fix]="Restart the computer; if that does not help, install NVIDIA's driver again.
WSL2: the driver belongs on Windows, none in Linux. Until then CastMind will use the processor."
    [card_old]="NVIDIA's driver {1} is older than 525, which CUDA 12 needs."
    [card_old.fix]="Install a newer driver (WSL2: on Windows). Until then CastMind will use the processor."
    [toolkit_ok]="Docker can hand the card to containers ({1})"
    [toolkit_missing]="The card is there, but Docker cannot hand it to containers: NVIDIA's container toolkit is missing."
    [toolkit_missing.fix]="Install the package nvidia-container-toolkit from NVIDIA, then:
sudo nvidia-ctk runtime configure --runtime=docker && sudo systemctl restart docker
and run ./deploy.sh again. Until then CastMind will use the processor."
    [trial_ok]="A container sees the card: {1}"
    [trial_failed]="A container does not get the card: {1}"
    [trial_failed.fix]="Update the driver and the container toolkit, restart Docker, and run ./deploy.sh again.
Until then CastMind will use the processor."
    [card_wanted]="CASTMIND_DEVICE=cuda asks for the card, and it cannot be used."
    [card_wanted.fix]="Put right what is said above, or set CASTMIND_DEVICE=auto in .env."
    [file_cuda]="With the card: {1}"
    [file_cpu]="Without a card: {1}"
    [file_own]="COMPOSE_FILE={1} in .env is your own and stays."

    [port_ok]="Port {1} on {2} is free"
    [port_own]="Port {1} on {2} is CastMind's already"
    [port_taken]="Port {1} on {2} is in use{3}."
    [port_taken.fix]="End that program, or choose another port: CASTMIND_PORT=8502 in .env"
    [disk_ok]="{1} GB free in {2}"
    [disk_small]="{1} GB free in {2}; {3} GB are needed."
    [disk_small.fix]="Make room (docker builder prune removes what is left of old builds), and run ./deploy.sh again."
    [ollama_ok]="Ollama {1} answers at {2}"
    [ollama_profile]="Ollama will run beside CastMind (profile ollama)"
    [ollama_given]="Ollama is asked at {1}"
    [ollama_local]="Ollama answers on this computer, but not on {1}, where containers would ask it."
    [ollama_local.fix]="sudo systemctl edit ollama     and type these two lines:
  [Service]
  Environment=OLLAMA_HOST=0.0.0.0
then sudo systemctl restart ollama. It then also listens on your network: let the firewall pass only {1} and this computer."
    [ollama_none]="Ollama does not answer on this computer: notes will be sentences chosen from the transcript."
    [ollama_none.fix]="Install it from https://ollama.com, or let it run beside CastMind: in .env
  COMPOSE_PROFILES=ollama
  OLLAMA_HOST=http://ollama:11434"
    [ollama_windows]="Whether Ollama on Windows answers is asked from the container, once it runs."
    [ollama_windows.fix]="With Docker Desktop nothing needs to be set. Without it: set OLLAMA_HOST=0.0.0.0 for Ollama on Windows,
let its firewall pass port 11434, and put OLLAMA_HOST=http://{1}:11434 into .env"

    [building]="Building {1}; the first time takes several minutes"
    [pulling]="Pulling {1}"
    [as_it_is]="Using {1} as it is"
    [no_image]="There is no image {1} here."
    [no_image.fix]="docker load --input FILE brings one; without --no-build it is built."
    [not_built]="{1} could not be built; the messages above say why. What runs was left alone."
    [not_built.fix]="No network or a slow mirror? PIP_INDEX_URL and APT_MIRROR in .env name others. Then run ./deploy.sh again."
    [not_pulled]="{1} could not be pulled; the messages above say why. What runs was left alone."
    [not_pulled.fix]="Correct CASTMIND_IMAGE in .env, or take it away to build the image here."
    [starting]="Starting"
    [waiting]="waiting until it is healthy: {1} s of {2}"
    [healthy]="Healthy after {1} s"
    [unhealthy]="The new version is not healthy ({1}). The end of its log:"
    [first_failed]="It was stopped; there is no earlier version to put back. The data folder was left as it is."
    [first_failed.fix]="The log above says why. docker compose logs castmind shows all of it."
    [restoring]="The new version had changed the database: putting {1} back"
    [not_restored]="{1} could not be put back. The old version may refuse the changed database; nothing was deleted."
    [not_restored.fix]="Stop CastMind (./deploy.sh down), then:
docker compose run --rm castmind python -m core restore {1} --yes"
    [rolling]="Putting the old version {1} back"
    [rolled]="The old version {1} serves again, with its data. The new one was not kept."
    [not_rolled]="The old version does not become healthy either ({1}). The end of its log:"
    [not_rolled.fix]="The data folder is as the log says; its backups lie in {1}/backups."

    [not_running]="CastMind does not run."
    [not_running.fix]="./deploy.sh starts it."
    [running]="CastMind {1} runs: {2}"
    [asks]="CastMind {1} runs, and found recordings or backups but no library that it can open.
The page at {2} waits for an answer."
    [asks.fix]="Open it: put the backup back that it names, or begin with an empty library. Nothing was changed until then."
    [in_container]="What works, asked inside the container:"
    [down]="Stopped. Everything is kept in {1}."
    [verifying]="A second of speech on the card, inside the container:"
    [proven]="CUDA is proven on this computer. The report lies in {1}/reports."
    [unproven]="Unproven: no speech ran on a card here. The report lies in {1}/reports."
    [unproven.fix]="The lines above say what is missing. ./deploy.sh check looks again."
)
