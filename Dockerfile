# The README's commands in a container: docker build -t fer-studio .
#   docker run -p 8501:8501 -v fer-data:/data fer-studio
# A container is reached from outside itself, so it serves as FER_ACCESS=shared: visitors have the Prediction page, and
# the one-time token in `docker logs` signs in whoever runs it. A camera needs https in front of it, and live video a
# direct way to the browser (`docker run --network host`, or a TURN server; see the README).
FROM python:3.13-slim

WORKDIR /studio
COPY requirements.txt constraints.txt ./
RUN pip install --no-cache-dir -r requirements.txt -c constraints.txt
COPY . .

ENV FER_HOME=/data FER_ACCESS=shared
RUN useradd --create-home studio && mkdir /data && chown studio /data
USER studio
VOLUME /data
EXPOSE 8501
CMD ["python", "-m", "streamlit", "run", "streamlit_app.py", "--server.address=0.0.0.0", "--server.headless=true"]
