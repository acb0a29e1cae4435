package shop.messaging;

import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

@Component
public class Listeners {
    @KafkaListener(topics = {Paths.ORDERS, "returns"}, groupId = "shop")
    public void onOrder(String message) { //: * orders, * returns
    }

    @RabbitListener(queues = "mail")
    public void onMail(String message) { //: * mail
    }

    @Scheduled(fixedRate = 1000)
    public void tick() { //: * Listeners.tick
    }
}
