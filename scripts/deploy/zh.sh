# shellcheck shell=bash disable=SC2034
# deploy.sh 的中文消息；键与 en.sh 相同。{1} {2} {3} 是要填的内容；KEY.fix 说该怎么办。
TEXT=(
    [usage]="用法：./deploy.sh [up|check|status|verify|down] [--cpu] [--no-build]

  up       检查、构建或拉取、启动，并等到健康为止（默认）；新版本不健康时恢复旧版本
  check    只检查这台电脑
  status   正在运行什么、在哪里、用哪个设备
  verify   验证 WSL2 与 CUDA：在显卡上识别一小段语音，记录前后显存，并留下报告
  down     停止；数据文件夹里的一切都保留

  --cpu        不用显卡
  --no-build   使用已有的镜像（例如 docker load 之后）

设置写在 .env 里；.env.template 列出全部。"
    [ok]="正常"
    [note]="注意"
    [bad]="停止"
    [looking]="正在检查这台电脑"
    [stopped]="什么都没有改动。请先解决标为「停止」的问题，再运行 ./deploy.sh。"
    [nothing_to_stop]="需要的都齐了。"

    [engine_ok]="Docker 引擎 {1}"
    [engine_missing]="没有安装 Docker。"
    [engine_missing.fix]="Debian、Ubuntu（包括 WSL2）：sudo apt-get install docker.io docker-compose
或在 Windows 上用 Docker Desktop：Settings > Resources > WSL integration，为这个发行版打开开关。"
    [engine_denied]="您没有访问 Docker 引擎的权限。"
    [engine_denied.fix]="sudo usermod -aG docker \$USER     然后注销并重新登录（WSL2：在 Windows 里运行 wsl --shutdown）"
    [engine_down]="Docker 已安装，但引擎没有应答：{1}"
    [engine_down.fix]="Linux：sudo systemctl start docker    没有 systemd 的 WSL2：sudo service docker start
Docker Desktop：在 Windows 上启动它，等到它显示引擎正在运行。"
    [compose_ok]="Compose {1}"
    [compose_missing]="缺少 Docker Compose 1.28 或更高版本。"
    [compose_missing.fix]="Debian、Ubuntu：sudo apt-get install docker-compose     （或 docker-compose-v2、docker-compose-plugin）"
    [buildx_missing]="缺少 Docker 构建镜像的部件 buildx。"
    [buildx_missing.fix]="Debian、Ubuntu：sudo apt-get install docker-buildx     （或 docker-buildx-plugin）"
    [wsl_ok]="WSL2，内核 {1}"
    [wsl_one]="这是 WSL1，不能运行容器。"
    [wsl_one.fix]="在 Windows 的 PowerShell 里：wsl --set-version <发行版名称> 2     （wsl --list 会列出名称）"
    [folder_foreign]="数据文件夹 {1} 在 {2} 挂载上：数据库在那里更慢，也更不安全。"
    [folder_foreign.fix]="请把这个文件夹移到 Linux 一侧的磁盘，例如 ~/castmind，再从那里启动。"

    [card_none]="没有找到 NVIDIA 驱动：CastMind 将使用处理器。"
    [card_ok]="{1}，{2} MiB，驱动 {3}"
    [card_broken]="nvidia-smi 不能工作：{1}"
    [card_broken.fix]="请重启电脑；如果仍不行，请重新安装 NVIDIA 驱动。
WSL2：驱动只装在 Windows 上，Linux 里不要装。在此之前 CastMind 将使用处理器。"
    [card_old]="NVIDIA 驱动 {1} 低于 CUDA 12 所需的 525。"
    [card_old.fix]="请安装更新的驱动（WSL2：装在 Windows 上）。在此之前 CastMind 将使用处理器。"
    [toolkit_ok]="Docker 可以把显卡交给容器（{1}）"
    [toolkit_missing]="有显卡，但 Docker 不能把它交给容器：缺少 NVIDIA 的容器工具包。"
    [toolkit_missing.fix]="请从 NVIDIA 安装 nvidia-container-toolkit 软件包，然后：
sudo nvidia-ctk runtime configure --runtime=docker && sudo systemctl restart docker
再运行 ./deploy.sh。在此之前 CastMind 将使用处理器。"
    [trial_ok]="容器看得到显卡：{1}"
    [trial_failed]="容器得不到显卡：{1}"
    [trial_failed.fix]="请更新驱动和容器工具包，重启 Docker，再运行 ./deploy.sh。
在此之前 CastMind 将使用处理器。"
    [card_wanted]="CASTMIND_DEVICE=cuda 要求使用显卡，而显卡不能用。"
    [card_wanted.fix]="请解决上面所说的问题，或在 .env 里设 CASTMIND_DEVICE=auto。"
    [file_cuda]="使用显卡：{1}"
    [file_cpu]="不用显卡：{1}"
    [file_own]=".env 里的 COMPOSE_FILE={1} 是您自己的，保持不变。"

    [port_ok]="{2} 的端口 {1} 空闲"
    [port_own]="{2} 的端口 {1} 已由 CastMind 使用"
    [port_taken]="{2} 的端口 {1} 已被占用{3}。"
    [port_taken.fix]="请结束那个程序，或换一个端口：在 .env 里设 CASTMIND_PORT=8502"
    [disk_ok]="{2} 有 {1} GB 可用空间"
    [disk_small]="{2} 只有 {1} GB 可用空间；需要 {3} GB。"
    [disk_small.fix]="请腾出空间（docker builder prune 清除旧构建的残留），再运行 ./deploy.sh。"
    [ollama_ok]="Ollama {1} 在 {2} 应答"
    [ollama_profile]="Ollama 将与 CastMind 一起运行（profile ollama）"
    [ollama_given]="Ollama 的地址是 {1}"
    [ollama_local]="Ollama 在这台电脑上应答，但在容器会询问的 {1} 上没有应答。"
    [ollama_local.fix]="sudo systemctl edit ollama     并输入这两行：
  [Service]
  Environment=OLLAMA_HOST=0.0.0.0
然后 sudo systemctl restart ollama。之后它也会在您的网络上监听：请让防火墙只放行 {1} 和这台电脑。"
    [ollama_none]="Ollama 在这台电脑上没有应答：笔记将是从转写稿中选出的句子。"
    [ollama_none.fix]="请从 https://ollama.com 安装，或让它与 CastMind 一起运行：在 .env 里写
  COMPOSE_PROFILES=ollama
  OLLAMA_HOST=http://ollama:11434"
    [ollama_windows]="Windows 上的 Ollama 是否应答，要等容器运行后从容器里询问。"
    [ollama_windows.fix]="使用 Docker Desktop 时什么都不用设。不使用时：在 Windows 上为 Ollama 设 OLLAMA_HOST=0.0.0.0，
让防火墙放行 11434 端口，并在 .env 里写 OLLAMA_HOST=http://{1}:11434"

    [building]="正在构建 {1}；第一次需要几分钟"
    [pulling]="正在拉取 {1}"
    [as_it_is]="使用已有的 {1}"
    [no_image]="这里没有镜像 {1}。"
    [no_image.fix]="可以用 docker load --input FILE 导入；不加 --no-build 则会构建。"
    [not_built]="{1} 没能构建；原因见上面的消息。正在运行的没有受影响。"
    [not_built.fix]="没有网络或镜像太慢？在 .env 里用 PIP_INDEX_URL 和 APT_MIRROR 指定别的镜像，再运行 ./deploy.sh。"
    [not_pulled]="{1} 没能拉取；原因见上面的消息。正在运行的没有受影响。"
    [not_pulled.fix]="请更正 .env 里的 CASTMIND_IMAGE，或去掉它，在本机构建。"
    [starting]="正在启动"
    [waiting]="等待健康：{1} 秒（最多 {2} 秒）"
    [healthy]="{1} 秒后健康"
    [unhealthy]="新版本不健康（{1}）。它的日志结尾："
    [first_failed]="已停止；没有更早的版本可以恢复。数据文件夹保持原样。"
    [first_failed.fix]="原因见上面的日志。docker compose logs castmind 显示全部日志。"
    [restoring]="新版本改动过数据库：正在恢复 {1}"
    [not_restored]="{1} 没能恢复。旧版本可能拒绝已改动的数据库；什么都没有删除。"
    [not_restored.fix]="请停止 CastMind（./deploy.sh down），然后：
docker compose run --rm castmind python -m core restore {1} --yes"
    [rolling]="正在恢复旧版本 {1}"
    [rolled]="旧版本 {1} 已带着数据重新运行。新版本没有保留。"
    [not_rolled]="旧版本也不健康（{1}）。它的日志结尾："
    [not_rolled.fix]="数据文件夹的情况见日志；备份在 {1}/backups。"

    [not_running]="CastMind 没有运行。"
    [not_running.fix]="./deploy.sh 会启动它。"
    [running]="CastMind {1} 正在运行：{2}"
    [asks]="CastMind {1} 正在运行，找到了录音或备份，但没有可以打开的资料库。
{2} 的页面正在等待您的选择。"
    [asks.fix]="请打开该页面：恢复它列出的备份，或以空的资料库重新开始。在此之前没有任何改动。"
    [in_container]="在容器里检查的结果（英文）："
    [down]="已停止。一切都保存在 {1}。"
    [verifying]="在容器里用显卡识别一小段语音："
    [proven]="这台电脑上的 CUDA 已得到证明。报告在 {1}/reports。"
    [unproven]="未证明：这里没有语音在显卡上运行过。报告在 {1}/reports。"
    [unproven.fix]="缺什么见上面各行。./deploy.sh check 可以再检查一次。"
)
